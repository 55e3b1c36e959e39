package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir
  Path directory;

  static byte[] npy(int version, String header, byte... elements) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer buffer = ByteBuffer.allocate(12 + text.length + elements.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
    if (version == 1) {
      buffer.putShort((short) text.length);
    } else {
      buffer.putInt(text.length);
    }
    buffer.put(text).put(elements);
    return java.util.Arrays.copyOf(buffer.array(), buffer.position());
  }

  private Tensor read(byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("a.npy"), bytes);
    return TensorFile.read(file).tensors().get("tensor");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void versionsOrdersAndEndiannessesAreRead(int version) throws IOException {
    byte[] elements = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6};
    Tensor big = read(npy(version, "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }  \n", elements));
    assertThat(big).isEqualTo(Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3));
    Tensor little = read(npy(version, "{'shape':(2L,3L),'descr':'<u2','fortran_order':False}", elements));
    assertThat(little).isEqualTo(Tensor.of(new int[] {256, 512, 768, 1024, 1280, 1536}, 2, 3));
    Tensor fortran = read(npy(version, "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", elements));
    assertThat(fortran).isEqualTo(Tensor.of(new int[] {1, 3, 5, 2, 4, 6}, 2, 3));
    assertThat(fortran.isContiguous()).isTrue();
    Tensor cube = read(npy(version, "{'descr': '|i1', 'fortran_order': True, 'shape': (1, 2, 6), }", elements));
    assertThat(cube.at(0, 1, 5)).isEqualTo(6);
    assertThat(read(npy(version, "{'descr': '|b1', 'fortran_order': False, 'shape': (), }", (byte) 1)).item())
        .isEqualTo(1);
  }

  @Test
  void bytesAreThoseThatNumPyWrites() throws IOException {
    Path file = directory.resolve("a.npy");
    new TensorFile(Map.of("any", Tensor.of(new boolean[] {true, false, true})), Map.of()).write(file, TensorFormat.NPY);
    String header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }";
    byte[] wanted = npy(1, header + " ".repeat(128 - 10 - 1 - header.length()) + "\n", (byte) 1, (byte) 0, (byte) 1);
    assertThat(Files.readAllBytes(file)).isEqualTo(wanted);
    assertThatThrownBy(() -> new TensorFile(Map.of(), Map.of()).write(file, TensorFormat.NPY))
        .hasMessageContaining("NPY has no place for 0 tensors");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } | says 8 bytes of F32 [2], there are 4",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), } | says 0 bytes",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } | 99999999999999999999",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), } | too many elements",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 1, } | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,), } | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False} | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)} | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': (1,)} | not that of a plain array",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x | not that of a plain array",
      "__import__('os').system('true') | not that of a plain array"})
  void headersThatAreNotPlainAreRefused(String header, String reason) {
    assertThatThrownBy(() -> read(npy(1, header, new byte[4]))).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("a.npy: ").hasMessageContaining(reason);
  }

  @Test
  void longHeadersAndOtherVersionsAreRefused() {
    byte[] announced = npy(2, "{}");
    ByteBuffer.wrap(announced).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
    assertThatThrownBy(() -> read(announced))
        .hasMessageContaining("a header of 4294967295 bytes is announced in 14 bytes");
    assertThatThrownBy(() -> read(npy(4, "{}"))).hasMessageContaining("version 1, 2 or 3");
    assertThatThrownBy(() -> read(npy(2, " ".repeat(2_000_000)))).hasMessageContaining("a header of 2000000 bytes");
    assertThatThrownBy(() -> read(npy(1, "{" + " ".repeat(60_000)))).hasMessageContaining("not that of a plain array");
  }

  // ---- zip files ----------------------------------------------------------------------------------------------------

  private Path zip(String name, byte[] content, int level) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(level);
      zip.putNextEntry(new ZipEntry("good.npy"));
      zip.write(npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", (byte) 1, (byte) 2));
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
    return Files.write(directory.resolve("a.npz"), bytes.toByteArray());
  }

  @Test
  void arraysThatAreNoTensorsAreNoObstacle() throws IOException {
    byte[] text = npy(1, "{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", (byte) 65, (byte) 0, (byte) 0,
        (byte) 0);
    try (TensorArchive archive = TensorArchive.open(zip("text.npy", text, 9))) {
      assertThat(archive.tensors().get("good").read().toInts()).containsExactly(1, 2);
      assertThat(archive.tensors().get("text")).hasToString("<U1 [1]");
      assertThatThrownBy(archive.tensors().get("text")::read).isInstanceOf(TensorFileException.class)
          .hasMessageContaining("a.npz: tensor text: there is no tensor of NumPy's dtype <U1 here");
    }
  }

  @Test
  void otherZipFilesAreRefused() throws IOException {
    Path file = zip("META-INF/MANIFEST.MF", new byte[3], 9);
    assertThatThrownBy(() -> TensorArchive.open(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("neither data.pkl").hasMessageContaining("META-INF/MANIFEST.MF");
    Path torn = zip("torn.npy", new byte[] {1}, 9);
    assertThatThrownBy(() -> TensorArchive.open(torn)).hasMessageContaining("a.npz: tensor torn: 1 bytes are too few");
  }

  @Test
  void damagedBytesDoNotHaveTheirChecksum() throws IOException {
    Path file = zip("x.npy",
        npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (6,), }",
            "abcdef".getBytes(StandardCharsets.US_ASCII)),
        0);
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("abcdef");
    bytes[at] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("a.npz: tensor x: its bytes do not have the checksum");
  }

  @Test
  void whatUnpacksToFarMoreThanItHoldsIsRefused() throws IOException {
    Path file = directory.resolve("bomb.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("bomb.npy"));
      byte[] zeros = new byte[1 << 20];
      zip.write(npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (314572800,), }"));
      for (int i = 0; i < 300; i++) {
        zip.write(zeros);
      }
    }
    assertThat(Files.size(file)).isLessThan(400_000);
    assertThatThrownBy(() -> TensorArchive.open(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("bomb.npz: entry bomb.npy says that ").hasMessageContaining("unpack to 314572");
  }

  @Test
  void zerosMayBeCompressedWell() throws IOException {
    Path file = directory.resolve("zeros.npz");
    new TensorFile(Map.of("z", Tensor.zeros(DType.FLOAT32, 1000, 1000)), Map.of()).write(file,
        TensorFormat.NPZ_COMPRESSED);
    assertThat(Files.size(file)).isLessThan(10_000);
    assertThat(TensorFile.read(file).tensors().get("z").sum().item()).isZero();
  }
}

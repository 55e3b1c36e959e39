package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.nn.Linear;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorArchiveTest {
  @TempDir
  Path directory;

  /// A safetensors file of one tensor `t` of that dtype, with elements as hexadecimal bytes, and a FLOAT32 `after`.
  private Path file(String dtype, String shape, String hex) throws IOException {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
    byte[] json = ("{'t':{'dtype':'" + dtype + "','shape':" + shape + ",'data_offsets':[0," + bytes.length
        + "]},'after':{'dtype':'F32','shape':[1],'data_offsets':[" + bytes.length + "," + (bytes.length + 4) + "]}}")
        .replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve(dtype + ".safetensors");
    return Files.write(file, ByteBuffer.allocate(8 + json.length + bytes.length + 4).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length).put(json).put(bytes).putFloat(7).array());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "F64  | FLOAT64 | 00000000 0000f03f 00000000 00001840 | 1 6",
      "F32  | FLOAT32 | 0000803f 0000c040 | 1 6",
      "F16  | FLOAT32 | 003c 0046 | 1 6",
      "BF16 | FLOAT32 | 803f c040 | 1 6",
      "I64  | INT32   | ffffffff ffffffff ffffff7f 00000000 | -1 2147483647",
      "I32  | INT32   | ffffffff 00000080 | -1 -2147483648",
      "I16  | INT32   | ffff 0080 | -1 -32768",
      "I8   | INT32   | ff 7f | -1 127",
      "U64  | INT32   | 01000000 00000000 ffffff7f 00000000 | 1 2147483647",
      "U32  | INT32   | 01000000 ffffff7f | 1 2147483647",
      "U16  | INT32   | ffff 0080 | 65535 32768",
      "U8   | INT32   | ff 7f | 255 127",
      "BOOL | BOOL    | 01 00 | 1 0"})
  void dtypesOfTheFormatAreReadOrConverted(String dtype, DType becomes, String hex, String values) throws IOException {
    try (TensorArchive archive = TensorArchive.open(file(dtype, "[2,1]", hex))) {
      StoredTensor stored = archive.tensors().get("t");
      assertThat(stored).hasToString(dtype + " [2, 1]");
      Tensor tensor = stored.read();
      assertThat(tensor.dtype()).isEqualTo(becomes);
      String[] wanted = values.split(" ");
      for (int i = 0; i < 2; i++) {
        assertThat(tensor.select(0, i).reshape(1).to(DType.FLOAT64).toDoubles()[0])
            .isEqualTo(Double.parseDouble(wanted[i]));
      }
    }
  }

  /// A tensor that cannot be read is no obstacle to the others.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "I64 | [1,2] | 01000000 00000000 00000080 00000000 | its element [0, 1] is 2147483648, which does not fit INT32",
      "U64 | [1] | ffffffff ffffffff | its element [0] is 18446744073709551615, which does not fit INT32",
      "U32 | [1] | 000000ff | its element [0] is 4278190080, which does not fit INT32",
      "F8_E4M3 | [2] | 0000 | there is no tensor of dtype F8_E4M3 here",
      "F8_E5M2 | [2] | 0000 | dtype F8_E5M2", "F8_E8M0 | [2] | 0000 | dtype F8_E8M0",
      "F8_E4M3FNUZ | [2] | 0000 | dtype F8_E4M3FNUZ", "F8_E5M2FNUZ | [2] | 0000 | dtype F8_E5M2FNUZ",
      "F4 | [4] | 0000 | dtype F4", "F6_E2M3 | [4] | 000000 | dtype F6_E2M3", "F6_E3M2 | [4] | 000000 | dtype F6_E3M2",
      "C64 | [1] | 00000000 00000000 | dtype C64"})
  void whatIsNotAskedForNeedsNotBeReadable(String dtype, String shape, String hex, String reason) throws IOException {
    Path file = file(dtype, shape, hex);
    try (TensorArchive archive = TensorArchive.open(file)) {
      assertThat(archive.tensors().keySet()).containsExactly("t", "after");
      assertThat(archive.tensors().get("after").read().toFloats()).containsExactly(7f);
      assertThatThrownBy(archive.tensors().get("t")::read).isInstanceOf(TensorFileException.class)
          .hasMessageContaining(file + ": tensor t: ").hasMessageContaining(reason);
    }
  }

  /// As the reference judges them.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "F4  | [3] | 0000 | 3 elements of 4 bits are not whole bytes",
      "F32 | [2] | 00000000 | data_offsets 0 to 4 for 8 bytes of F32 [2]",
      "F32 | [4294967296,4294967296] | | too many elements",
      "F32 | [4294967296,4294967296,0] | | too many elements",
      "U128 | [0] | | dtype U128 is not known",
      "F32 | [0.5] | | wanted END_ARRAY",
      "F32 | 1 | | wanted START_ARRAY",
      "F32 | [99999999999999999999] | | out of range"})
  void shapesThatDoNotAccountForTheBytesAreRefused(String dtype, String shape, String hex, String reason)
      throws IOException {
    Path file = file(dtype, shape, hex == null ? "" : hex);
    assertThatThrownBy(() -> TensorArchive.open(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining(file.toString()).hasMessageContaining(reason);
  }

  @Test
  void emptyTensorsMayHaveLongAxes() throws IOException {
    try (TensorArchive archive = TensorArchive.open(file("F32", "[0,65536,65536]", ""))) {
      assertThat(archive.tensors().get("t").read().shape()).isEqualTo(Shape.of(0, 65536, 65536));
    }
    try (TensorArchive archive = TensorArchive.open(file("F32", "[0,4294967296]", ""))) {
      assertThatThrownBy(archive.tensors().get("t")::read).hasMessageContaining("4294967296 elements is too long");
    }
  }

  @Test
  void tensorsStayWhenTheFileIsClosed() throws IOException {
    Path file = file("F32", "[1]", "0000803f");
    TensorArchive archive = TensorArchive.open(file);
    Tensor one = archive.tensors().get("t").read();
    archive.close();
    assertThat(one.item()).isEqualTo(1);
    assertThatThrownBy(archive.tensors().get("t")::read).isInstanceOf(IllegalStateException.class);
    Files.delete(file);
  }

  @Test
  void modelsAreLoadedWithoutReadingTheRest() throws IOException {
    Linear from = new Linear(3, 2, Rng.of(1));
    Map<String, Tensor> tensors = new LinkedHashMap<>(from.state());
    tensors.put("steps", Tensor.scalar(3));
    Path file = directory.resolve("model.safetensors");
    new TensorFile(tensors, Map.of("epoch", "3")).write(file);
    Linear to = new Linear(3, 2, Rng.of(2));
    try (TensorArchive archive = TensorArchive.open(file)) {
      assertThat(archive.metadata()).containsExactly(Map.entry("epoch", "3"));
      assertThatThrownBy(() -> archive.load(to)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("unexpected: steps");
      assertThat(archive.load(to, Mapping.SAME_NAMES.ignore("steps")).isComplete()).isTrue();
    }
    assertThat(to.state()).isEqualTo(from.state());
  }

  // ---- shards -------------------------------------------------------------------------------------------------------

  private Path index(String weightMap) throws IOException {
    return Files.writeString(directory.resolve("model.safetensors.index.json"),
        ("{'metadata':{'total_size':16},'weight_map':" + weightMap + "}").replace('\'', '"'));
  }

  private void shard(String name, String... tensors) throws IOException {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (String tensor : tensors) {
      all.put(tensor, Tensor.scalar(tensor.charAt(0) - 'a'));
    }
    new TensorFile(all, Map.of("of", name)).write(directory.resolve(name));
  }

  @Test
  void shardsAreReadAsOneInTheOrderOfTheIndex() throws IOException {
    shard("1.safetensors", "a", "c");
    shard("2.safetensors", "b");
    Path index = index("{'a':'1.safetensors','b':'2.safetensors','c':'1.safetensors'}");
    TensorFile all = TensorFile.read(index);
    assertThat(all.tensors().keySet()).containsExactly("a", "b", "c");
    assertThat(all.tensors().values().stream().map(Tensor::item)).containsExactly(0., 1., 2.);
    TensorFile.write(directory.resolve("one.safetensors"), TensorArchive.open(index).tensors(), Map.of());
    assertThat(TensorFile.read(directory.resolve("one.safetensors")).tensors()).isEqualTo(all.tensors());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{'a':'../1.safetensors'} | its index names '../1.safetensors', which is not a file beside it",
      "{'a':'/etc/passwd'} | names '/etc/passwd'", "{'a':'3.safetensors'} | names '3.safetensors'",
      "{'a':'.'} | names '.'", "{'a':''} | names ''",
      "{'x':'1.safetensors'} | its index says that x is in 1.safetensors, which lacks it",
      "{'a':'torn.safetensors'} | torn.safetensors: not a safetensors file",
      "{} | it has no weight_map", "[] | wanted START_OBJECT", "{'a':1} | wanted VALUE_STRING"})
  void indicesThatLeadNowhereOrElsewhereAreRefused(String weightMap, String reason) throws IOException {
    shard("1.safetensors", "a");
    Files.writeString(directory.resolve("torn.safetensors"), "torn file");
    Path index = index(weightMap);
    assertThatThrownBy(() -> TensorArchive.open(index)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining(index.toString()).hasMessageContaining(reason);
  }

  @Test
  void shardsAreWrittenUpToTheirSize() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int size : new int[] {2, 1, 9, 1, 2, 0, 1}) { // 8, 4, 36, .. bytes
      tensors.put("t" + tensors.size(), Tensor.arange(size));
    }
    Map<String, StoredTensor> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, StoredTensor.of(tensor)));
    Path index = directory.resolve("model.safetensors.index.json");
    TensorFile.writeShards(index, stored, Map.of("k", "v"), 12);
    assertThat(TensorFile.read(index)).isEqualTo(new TensorFile(tensors, Map.of("k", "v")));
    assertThat(TensorFile.read(directory.resolve("model-00001-of-00004.safetensors")).tensors().keySet())
        .containsExactly("t0", "t1");
    assertThat(TensorFile.read(directory.resolve("model-00002-of-00004.safetensors")).tensors().keySet())
        .containsExactly("t2");
    assertThat(TensorFile.read(directory.resolve("model-00003-of-00004.safetensors")).tensors().keySet())
        .containsExactly("t3", "t4", "t5");
    assertThat(Files.readString(index)).startsWith("{\"metadata\":{\"total_size\":64},\"weight_map\":{\"t0\":"
        + "\"model-00001-of-00004.safetensors\",").endsWith("\"t6\":\"model-00004-of-00004.safetensors\"}}");
    assertThatThrownBy(() -> TensorFile.writeShards(directory.resolve("a.json"), stored, Map.of(), 12))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("must end in .safetensors.index.json");
    assertThatThrownBy(() -> TensorFile.writeShards(index, Map.of(), Map.of(), 12))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("there are no tensors");
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  @Test
  void tensorsMayBeMadeAsTheyAreWritten() throws IOException {
    List<Integer> made = new ArrayList<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      int k = i;
      tensors.put("t" + i, StoredTensor.of(DType.INT32, Shape.of(2), () -> {
        made.add(k);
        return Tensor.of(new int[] {k, 10 * k});
      }));
    }
    Path file = directory.resolve("stream.safetensors");
    TensorFile.write(file, tensors, Map.of("k", "v"));
    assertThat(made).containsExactly(0, 1, 2);
    TensorFile read = TensorFile.read(file);
    assertThat(read.tensors().get("t2").toInts()).containsExactly(2, 20);
    assertThat(read.metadata()).containsExactly(Map.entry("k", "v"));
  }

  @Test
  void tensorsThatAreNotWhatWasSaidLeaveTheOldFile() throws IOException {
    Path file = directory.resolve("kept.safetensors");
    Files.writeString(file, "old");
    for (Tensor other : List.of(Tensor.zeros(DType.INT32, 3), Tensor.zeros(DType.FLOAT32, 2))) {
      assertThatThrownBy(() -> TensorFile.write(file,
          Map.of("t", StoredTensor.of(DType.INT32, Shape.of(2), () -> other)), Map.of()))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("kept.safetensors: tensor t is")
          .hasMessageContaining("said was INT32 [2]");
    }
    assertThat(file).hasContent("old");
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @ParameterizedTest
  @CsvSource({"NPZ", "NPZ_COMPRESSED", "NPY", "TORCH"})
  void otherFormatsHaveNoPlaceForMetadata(TensorFormat format) {
    TensorFile file = new TensorFile(Map.of("a", Tensor.scalar(1f)), Map.of("epoch", "3"));
    assertThatThrownBy(() -> file.write(directory.resolve("x"), format)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(format + " has no place for metadata; leave out [epoch]");
  }

  @ParameterizedTest
  @CsvSource({"SAFETENSORS", "NPZ", "NPZ_COMPRESSED", "TORCH"})
  void everyFormatComesBackToTheBitAndTheSameContentGivesTheSameBytes(TensorFormat format) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("floats", Tensor.of(new float[] {1, -0f, Float.NaN, Float.MIN_VALUE, 5, 6}, 2, 3));
    tensors.put("a.view", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose());
    tensors.put("ints", Tensor.of(new int[] {Integer.MIN_VALUE, 7}));
    tensors.put("truth/é", Tensor.of(new boolean[] {true, false, true}));
    tensors.put("scalar", Tensor.scalar(2f));
    tensors.put("empty", Tensor.zeros(DType.FLOAT32, 0, 4));
    tensors.put("large", Tensor.arange(200_000));
    tensors.put("one", Tensor.zeros(DType.FLOAT32, 1, 3, 1));
    Path a = directory.resolve("a");
    Path b = directory.resolve("b");
    new TensorFile(tensors, Map.of()).write(a, format);
    TensorFile read = TensorFile.read(a);
    assertThat(read.tensors()).isEqualTo(tensors);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    read.write(b, format);
    assertThat(b).hasSameBinaryContentAs(a);
    new TensorFile(Map.of(), Map.of()).write(a, format);
    assertThat(TensorFile.read(a).tensors()).isEmpty();
  }
}

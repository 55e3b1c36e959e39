package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorFileTest {
  @TempDir
  Path directory;

  @Test
  void everyDtypeComesBackToTheBit() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("floats", Tensor.of(new float[] {1, -0f, Float.NaN, Float.MIN_VALUE, 5, 6}, 2, 3));
    tensors.put("view", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose());
    tensors.put("ints", Tensor.of(new int[] {Integer.MIN_VALUE, 7}));
    tensors.put("truth", Tensor.of(new boolean[] {true, false, true}));
    tensors.put("scalar", Tensor.scalar(2f));
    tensors.put("empty", Tensor.zeros(DType.FLOAT32, 0, 4));
    tensors.put("large", Tensor.arange(200_000));
    Map<String, String> metadata = Map.of("vocabulary", "aé😀\n\"");
    Path file = directory.resolve("a.safetensors");
    new TensorFile(tensors, metadata).write(file);
    TensorFile read = TensorFile.read(file);
    assertThat(read.tensors()).isEqualTo(tensors);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    assertThat(read.metadata()).isEqualTo(metadata);
    Path again = directory.resolve("b.safetensors");
    read.write(again);
    assertThat(again).hasSameBinaryContentAs(file);
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    Path file = directory.resolve("golden.safetensors");
    new TensorFile(Map.of("a", Tensor.of(new float[] {1, 2})), Map.of()).write(file);
    String json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes(json + " ".repeat((8 - json.length() % 8) % 8), 1f, 2f));
  }

  @Test
  void halfPrecisionIsWidened() throws IOException {
    Path file = directory.resolve("half.safetensors");
    String json = "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]}}";
    ByteBuffer buffer = ByteBuffer.allocate(8 + json.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8));
    buffer.putShort((short) 0x3E00).putShort((short) 0xC040);
    Files.write(file, buffer.array());
    assertThat(TensorFile.read(file).tensors().get("h").item()).isEqualTo(1.5);
    assertThat(TensorFile.read(file).tensors().get("b").item()).isEqualTo(-3);
  }

  private static byte[] bytes(String json, float... values) {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(8 + header.length + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(header.length).put(header);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{\"a\": | Unexpected end-of-input",
      "[] | wanted START_OBJECT",
      "{} x | Unrecognized token",
      "{\"a\":1} | wanted START_OBJECT",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}} | lacks dtype, shape or two data_offsets",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{}} | Duplicate field 'a'",
      "{\"a\":{\"dtype\":\"I65\",\"shape\":[1],\"data_offsets\":[0,8]}} | dtype I65 is not known",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | axis of size -1",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536],\"data_offsets\":[0,4]}} | tensor a: it has data_offsets "
          + "0 to 4 for 17179869184 bytes of F32 [65536, 65536]",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | data_offsets 0 to 4 for 8 bytes of F32 [2]",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | begins at byte 4 of the data, wanted 0",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | the file is truncated",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[500000000],\"data_offsets\":[0,2000000000]}} | the file is truncated",
      "{} | its tensors need 0 bytes"})
  void whatIsNotWellFormedIsRefused(String json, String reason) throws IOException {
    Path file = directory.resolve("bad.safetensors");
    Files.write(file, bytes(json, 1f));
    assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("bad.safetensors").hasMessageContaining(reason);
  }

  /// What the reference implementation reads, read as it does.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{'__metadata__':null,'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}",
      "{'a':{'dtype':'F32','note':null,'shape':[1],'more':{'shape':[7],'list':[[1],{}]},"
          + "'data_offsets':[0,4],'less':0.5}}",
      " {'a':{'data_offsets':[0,4],'shape':[],'dtype':'F32'},'__metadata__':{}}\t"})
  void whatTheReferenceReadsIsRead(String json) throws IOException {
    Path file = directory.resolve("good.safetensors");
    Files.write(file, bytes(json.replace('\'', '"'), 1.5f));
    TensorFile read = TensorFile.read(file);
    assertThat(read.tensors()).containsOnlyKeys("a");
    assertThat(read.tensors().get("a").reshape(1)).isEqualTo(Tensor.of(new float[] {1.5f}));
    assertThat(read.metadata()).isEmpty();
  }

  @Test
  void headersAreUtf8WithoutAByteOrderMarkAndWithWholeCharacters() throws IOException {
    String header = "{\"__metadata__\":{\"k\":\"%s\"},\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    assertThatHeaderIsRefused("\uFEFF" + header.formatted("v", "a"), StandardCharsets.UTF_8)
        .hasMessageContaining("65279");
    assertThatHeaderIsRefused(header.formatted("v", "a"), StandardCharsets.UTF_16LE).hasMessageContaining("code 0");
    assertThatHeaderIsRefused(header.formatted("v", "\u00e9"), StandardCharsets.ISO_8859_1)
        .hasMessageContaining("UTF-8");
    assertThatHeaderIsRefused(header.formatted("v", "\\ud800"), StandardCharsets.UTF_8)
        .hasMessageContaining("surrogate");
    assertThatHeaderIsRefused(header.formatted("\\udc00", "a"), StandardCharsets.UTF_8)
        .hasMessageContaining("surrogate");
    assertThatHeaderIsRefused("{\"__metadata__\":null,\"__metadata__\":null}", StandardCharsets.UTF_8)
        .hasMessageContaining("Duplicate");
    assertThatHeaderIsRefused("{\"__metadata__\":{\"k\":null}}", StandardCharsets.UTF_8)
        .hasMessageContaining("VALUE_STRING");
  }

  private AbstractThrowableAssert<?, ?> assertThatHeaderIsRefused(String json, Charset charset) throws IOException {
    byte[] header = json.getBytes(charset);
    Path file = directory.resolve("refused.safetensors");
    Files.write(file, ByteBuffer.allocate(12 + header.length).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length)
        .put(header).putFloat(1).array());
    return assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("its header at offset 8 is not valid");
  }

  @Test
  void whatCouldNotBeReadBackIsNotWritten() throws IOException {
    Tensor one = Tensor.scalar(1f);
    Path file = directory.resolve("kept.safetensors");
    new TensorFile(Map.of("a", one), Map.of()).write(file);
    byte[] before = Files.readAllBytes(file);
    Map<String, String> noText = new LinkedHashMap<>();
    noText.put("key", null);
    String half = "half \uD83D of a pair";
    for (TensorFile bad : List.of(new TensorFile(Map.of("__metadata__", one), Map.of()),
        new TensorFile(Map.of(half, one), Map.of()), new TensorFile(Map.of("\uDE00", one), Map.of()),
        new TensorFile(Map.of(), Map.of("key", half)), new TensorFile(Map.of(), Map.of(half, "text")),
        new TensorFile(Map.of(), noText))) {
      assertThatThrownBy(() -> bad.write(file)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("kept.safetensors");
    }
    assertThatThrownBy(() -> new TensorFile(Map.of("__metadata__", one), Map.of()).write(file))
        .hasMessageContaining("__metadata__");
    assertThatThrownBy(() -> new TensorFile(Map.of(), Map.of("key", half)).write(file))
        .hasMessageContaining("'key'").hasMessageContaining("surrogate");
    assertThatThrownBy(() -> new TensorFile(Map.of(), Map.of("key", "x".repeat(100_000_000))).write(file))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("100000000");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void unusualNamesAndTextsComeBack() throws IOException {
    Tensor empty = Tensor.zeros(DType.FLOAT32, 65536, 65536, 0);
    String longName = "n".repeat(60_000);
    TensorFile unusual = new TensorFile(
        Map.of("", empty, "\0\u2028\uFFFF", Tensor.scalar(2f), longName, Tensor.scalar(3f)),
        Map.of("__metadata__", "\uFEFFtext", "long", "x".repeat(21_000_000)));
    Path file = directory.resolve("unusual.safetensors");
    unusual.write(file);
    assertThat(TensorFile.read(file)).isEqualTo(unusual);
    assertThat(unusual.toString()).hasSizeLessThan(200_000).contains("FLOAT32 [65536, 65536, 0]");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = directory.resolve("other");
    Files.writeString(file, "some text that is no model");
    assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("not a safetensors file");
    Files.writeString(file, "short");
    assertThatThrownBy(() -> TensorFile.read(file)).hasMessageContaining("5 bytes are too few");
  }

  @Test
  void aFailingWriteLeavesTheOldFile() throws IOException {
    Path file = directory.resolve("kept");
    Files.writeString(file, "old");
    assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
      channel.write(ByteBuffer.wrap(new byte[10]));
      throw new IOException("disk full");
    })).hasMessage("disk full");
    assertThat(file).hasContent("old");
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path file = directory.resolve("nowhere").resolve("model.safetensors");
    assertThatThrownBy(() -> new TensorFile(Map.of(), Map.of()).write(file))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(file + ": there is no folder " + file.getParent());
  }
}

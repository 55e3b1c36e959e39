package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pickles are written here as text: codes as they are, `\x80` and the like for bytes that are no letters.
class TorchFileTest {
  @TempDir
  Path directory;

  private static byte[] bytes(String pickle) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < pickle.length(); i++) {
      if (pickle.startsWith("\\x", i)) {
        bytes.write(Integer.parseInt(pickle.substring(i + 2, i + 4), 16));
        i += 3;
      } else {
        bytes.write(pickle.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  static String text(String text) {
    return String.format(Locale.ROOT, "X\\x%02x\\x00\\x00\\x00", text.length()) + text;
  }

  static String storage(String kind, String key, int elements) {
    return "(" + text("storage") + "ctorch\n" + kind + "\n" + text(key) + text("cpu")
        + String.format(Locale.ROOT, "K\\x%02xtQ", elements);
  }

  /// A tensor of a storage of 6 floats; shape and strides are codes of tuples.
  static String tensor(int offset, String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage("FloatStorage", "0", 6)
        + String.format(Locale.ROOT, "K\\x%02x", offset) + shape
        + strides + "\\x89ccollections\nOrderedDict\n)RtR";
  }

  static byte[] zip(String pickle, String byteorder, byte[] elements) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("m/data.pkl"));
      zip.write(bytes(pickle));
      if (byteorder != null) {
        zip.putNextEntry(new ZipEntry("m/byteorder"));
        zip.write(byteorder.getBytes(StandardCharsets.US_ASCII));
      }
      zip.putNextEntry(new ZipEntry("m/data/0"));
      zip.write(elements);
    }
    return out.toByteArray();
  }

  private static byte[] floats(int count) {
    byte[] bytes = new byte[4 * count];
    for (int i = 0; i < count; i++) {
      java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putFloat(4 * i, i);
    }
    return bytes;
  }

  private TensorFile read(String pickle) throws IOException {
    Path file = Files.write(directory.resolve("m.pt"), zip("\\x80\\x02" + pickle, null, floats(6)));
    return TensorFile.read(file);
  }

  private AbstractThrowableAssert<?, ?> assertRefused(String pickle) {
    return assertThatThrownBy(() -> read(pickle)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("m.pt: ");
  }

  @Test
  void viewsAreReadThroughTheirStrides() throws IOException {
    Tensor rows = read(tensor(0, "K\\x02K\\x03\\x86", "K\\x03K\\x01\\x86") + ".").tensors().get("tensor");
    assertThat(rows).isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3));
    Tensor columns = read(tensor(0, "K\\x03K\\x02\\x86", "K\\x01K\\x03\\x86") + ".").tensors().get("tensor");
    assertThat(columns).isEqualTo(Tensor.of(new float[] {0, 3, 1, 4, 2, 5}, 3, 2));
    Tensor part = read(tensor(2, "K\\x03\\x85", "K\\x01\\x85") + ".").tensors().get("tensor");
    assertThat(part).isEqualTo(Tensor.of(new float[] {2, 3, 4}));
    Tensor everySecond = read(tensor(1, "K\\x03K\\x01\\x86", "K\\x02J\\xff\\xff\\xff\\x7f\\x86") + ".").tensors()
        .get("tensor");
    assertThat(everySecond).isEqualTo(Tensor.of(new float[] {1, 3, 5}, 3, 1));
    Tensor expanded = read(tensor(5, "K\\x02K\\x02\\x86", "K\\x00K\\x00\\x86") + ".").tensors().get("tensor");
    assertThat(expanded).isEqualTo(Tensor.of(new float[] {5, 5, 5, 5}, 2, 2));
    assertThat(read(tensor(4, ")", ")") + ".").tensors().get("tensor").item()).isEqualTo(4);
    assertThat(read(tensor(9, "K\\x00\\x85", "K\\x01\\x85") + ".").tensors().get("tensor").elements()).isZero();
  }

  @Test
  void containersBecomeDottedNamesAndTheRestIsMetadata() throws IOException {
    String vector = tensor(0, "K\\x06\\x85", "K\\x01\\x85");
    TensorFile file = read("}(" + text("net") + "ccollections\nOrderedDict\n)R(" + text("w") + vector + "u}b"
        + text("list") + "](" + vector + "Ne" + text("lr") + "q\\x01G\\x3f\\xe0\\x00\\x00\\x00\\x00\\x00\\x00"
        + "K\\x07"
        + "\\x8a\\x02\\xff\\xff" + text("size") + "ctorch\nSize\nK\\x02K\\x03\\x86\\x85R" + text("p")
        + "ctorch._utils\n_rebuild_parameter\n(" + vector + "\\x88NtR" + text("again") + "h\\x01" + "u.");
    assertThat(file.tensors().keySet()).containsExactly("net.w", "list.0", "p");
    assertThat(file.metadata()).containsEntry("list.1", "None").containsEntry("lr", "0.5").containsEntry("7", "-1")
        .containsEntry("size.0", "2").containsEntry("size.1", "3").containsEntry("again", "lr").hasSize(6);
  }

  /// As PyTorch's C++ library writes them.
  @Test
  void theTypesOfContainersAreLeftAside() throws IOException {
    String tagged = "ctorch.jit._pickle\nrestore_type_tag\n(}(" + text("w") + tensor(0, "K\\x06\\x85", "K\\x01\\x85")
        + "u" + text("Dict[str, Tensor]") + "tR.";
    assertThat(read(tagged).tensors().get("w")).isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}));
    assertRefused("ctorch.jit._pickle\nrestore_type_tag\n(}tR.").hasMessageContaining(
        "torch.jit._pickle.restore_type_tag is called with 1 arguments, not 2");
  }

  @Test
  void bytesMayBeBigEndian() throws IOException {
    byte[] big = new byte[24];
    big[1] = (byte) 0x80;
    big[0] = 0x3f;
    String vector = "\\x80\\x02" + tensor(0, "K\\x06\\x85", "K\\x01\\x85") + ".";
    Path file = Files.write(directory.resolve("m.pt"), zip(vector, "big", big));
    assertThat(TensorFile.read(file).tensors().get("tensor").toFloats()).startsWith(1f, 0f);
    Files.write(file, zip(vector, "middle", big));
    assertThatThrownBy(() -> TensorFile.read(file)).hasMessageContaining("its byteorder is 'middle'");
  }

  /// None of these is called.
  @ParameterizedTest
  @CsvSource({"posix, system", "os, system", "builtins, eval", "builtins, exec", "builtins, getattr",
      "subprocess, Popen",
      "__main__, Model", "torch.nn.modules.rnn, LSTM", "torch._utils, _rebuild_tensor", "torch, QInt8Storage",
      "torch, Storage", "collections, defaultdict", "numpy.core.multiarray, _reconstruct", "torch.jit, load",
      "webbrowser, open", "torch, 'load'", "runpy, _run_code"})
  void everyOtherFunctionIsRefusedByName(String module, String name) {
    assertRefused("c" + module + "\n" + name + "\n" + text("true") + "\\x85R.")
        .hasMessageContaining(module + "." + name + " is refused").hasMessageContaining("state_dict");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "i | code 'i' is none that plain tensors need", "ccollections~OrderedDict~)\\x81. | code 0x81",
      "\\x93 | code 0x93",
      "\\x82\\x01. | code 0x82", "o | code 'o'", "Pabc~. | code 'P'", "\\x80\\x05. | protocol 5",
      ". | it wants a Object and has none", "a. | wants 1 objects", "Na. | has none",
      "NNa. | wants a ArrayList and has a",
      "K\\x01]s. | wants a LinkedHashMap and has none", "}]Ns. | a key of a dictionary is neither",
      "}(K\\x01NK\\x01Nu. | two items 1",
      "t. | it has no mark", "(. | has none", "h\\x07. | it has no object 7",
      "X\\xff\\xff\\xff\\xff. | wants 4294967295",
      "X\\xff\\xff\\xff\\x7f. | it wants 2147483647 bytes, there are 1", "X\\x01\\x00\\x00\\x00\\xff. | not UTF-8",
      "\\x8a\\x09\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01. | a number of 9 bytes is too large",
      "ccollections | it wants 1 bytes", "NQ. | wants a List", ")Q. | a storage is called with 0 arguments, not 5",
      "NR. | wants a List", "N)R. | wants a Function", "ccollections~OrderedDict~N\\x85R. | called with 1 arguments",
      "ctorch~FloatStorage~)R. | torch.FloatStorage is called, which is no function", "N}b. | wants a LinkedHashMap",
      "ctorch._utils~_rebuild_tensor_v2~)R. | is called with 0 arguments, not 6",
      "ctorch._utils~_rebuild_parameter~NNN\\x87R. | wants a View", "N | it wants 1 bytes, there are 0"})
  void picklesThatAreNotWellFormedAreRefused(String pickle, String reason) {
    assertRefused(pickle.replace('~', '\n')).hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "6 | K\\x01\\x85 | K\\x01\\x85 | its last element is number 6 of a storage of 6",
      "0 | K\\x02K\\x04\\x86 | K\\x03K\\x01\\x86 | its last element is number 6",
      "0 | K\\x02\\x85 | K\\x06\\x85 | number 6 of",
      "0 | K\\x02\\x85 | J\\xff\\xff\\xff\\xff\\x85 | do not fit", "0 | K\\x02\\x85 | ) | do not fit",
      "0 | J\\xff\\xff\\xff\\xff\\x85 | K\\x01\\x85 | an axis of size -1",
      "0 | J\\xff\\xff\\xff\\x7f\\x85 | K\\x00\\x85 | do not fit",
      "0 | K\\x02K\\x02\\x86 | \\x8a\\x08\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f\\x8a\\x08\\xff\\xff\\xff\\xff\\xff\\xff\\xff"
          + "\\x7f\\x86 | its last element is number 9223372036854775807"})
  void viewsBeyondTheirStorageAreRefused(int offset, String shape, String strides, String reason) {
    assertRefused("}" + text("w") + tensor(offset, shape, strides) + "s.").hasMessageContaining("tensor w: ")
        .hasMessageContaining(reason);
  }

  @Test
  void storagesThatAreNotThereAreRefused() {
    String rest = "K\\x00)))\\x89NtR.";
    String rebuild = "ctorch._utils\n_rebuild_tensor_v2\n(";
    assertRefused(rebuild + storage("FloatStorage", "1", 6) + "K\\x00))\\x89NtR.").hasMessageContaining("is missing");
    assertRefused(rebuild + storage("FloatStorage", "0", 5) + "K\\x00))\\x89NtR.")
        .hasMessageContaining("its storage of 5 elements of F32, 20 bytes, is an entry of 24 bytes");
    assertRefused(rebuild + storage("FloatStorage", "../0", 6) + "K\\x00))\\x89NtR.")
        .hasMessageContaining("is missing");
    assertRefused(rebuild + "N" + rest).hasMessageContaining("wants a Storage");
    assertRefused(rebuild + storage("Size", "0", 6) + rest)
        .hasMessageContaining("it refers to is no storage: torch.Size");
  }

  /// `a` holds ten times `b`, which holds ten times `c`, and so on; and a list that holds itself.
  @Test
  void containersThatHoldTooMuchOrThemselvesAreRefused() {
    StringBuilder laughs = new StringBuilder("Nq\\x00");
    for (int i = 0; i < 12; i++) {
      laughs.append("](").append(String.format(Locale.ROOT, "h\\x%02x", i).repeat(10))
          .append(String.format(Locale.ROOT, "eq\\x%02x", i + 1));
    }
    assertRefused(laughs + ".").hasMessageContaining("hold too much, or themselves");
    assertRefused("]q\\x00h\\x00a.").hasMessageContaining("hold too much, or themselves");
    assertRefused("]".repeat(150) + "a".repeat(149) + ".").hasMessageContaining("hold too much, or themselves");
  }

  @Test
  void functionsAndStoragesAloneAreRefused() {
    assertRefused("}" + text("f") + "ccollections\nOrderedDict\ns.").hasMessageContaining("'f' is Function[name=")
        .hasMessageContaining("which is refused");
    assertRefused(storage("FloatStorage", "0", 6) + ".").hasMessageContaining("'' is Storage[element=F32");
  }

  /// Each of a thousand names wants all elements.
  @Test
  void viewsThatAreFarLargerThanTheFileAreRefused() throws IOException {
    StringBuilder pickle = new StringBuilder("\\x80\\x02}(" + text("0") + tensor(0, "K\\x06\\x85", "K\\x01\\x85")
        .replace("K\\x06tQ", "J\\x00\\x00\\x10\\x00tQ").replace("K\\x06\\x85", "J\\x00\\x00\\x10\\x00\\x85")
        + "q\\x00");
    for (int i = 1; i < 1000; i++) {
      pickle.append(text("" + i)).append("h\\x00");
    }
    Path file = Files.write(directory.resolve("m.pt"), zip(pickle + "u.", null, new byte[4 << 20]));
    assertThatThrownBy(() -> TensorArchive.open(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("hold too much");
  }

  @Test
  void picklesThatAskForManyObjectsAreRefused() throws IOException {
    Path file = Files.write(directory.resolve("m.pt"), zip("\\x80\\x02" + "N".repeat(9_000_000), null, new byte[0]));
    assertThat(Files.size(file)).isLessThan(20_000);
    assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("more than 8388608 objects");
  }

  @Test
  void filesOfOldPyTorchAreRefusedWithWhatToDo() throws IOException {
    Path file = Files.write(directory.resolve("old.pt"), bytes("\\x80\\x02\\x8a\\x0a12345678901234567890"));
    assertThatThrownBy(() -> TensorFile.read(file)).isInstanceOf(TensorFileException.class)
        .hasMessageContaining("old.pt: a pickle alone, as torch.save wrote it before PyTorch 1.6");
  }
}

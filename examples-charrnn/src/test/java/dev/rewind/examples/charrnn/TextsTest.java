package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextsTest {
  private @TempDir Path folder;

  private Path file(int... bytes) throws IOException {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return Files.write(folder.resolve("text.txt"), content);
  }

  private static void assertRefused(Path path, String message) {
    assertThatThrownBy(() -> Texts.read(path)).isInstanceOf(UserError.class).hasMessage(path + message);
  }

  @Test
  void aSymbolIsACodePoint() throws IOException {
    Path path = Files.writeString(folder.resolve("text.txt"), "aé€😀\r\nb");
    assertThat(Texts.read(path)).containsExactly('a', 0xE9, 0x20AC, 0x1F600, '\r', '\n', 'b');
  }

  @Test
  void dropsOneByteOrderMarkAtTheStart() {
    byte[] bytes = "\uFEFF\uFEFFa\uFEFF".getBytes(StandardCharsets.UTF_8);
    assertThat(Texts.decode(bytes, "t")).containsExactly(0xFEFF, 'a', 0xFEFF);
  }

  @Test
  void refusesWhatIsNotThere() {
    assertRefused(folder.resolve("none.txt"), ": no such file or directory");
    assertRefused(folder, ": is a directory, not a text");
  }

  @Test
  void refusesAnEmptyText() throws IOException {
    assertRefused(file(), ": is empty");
    assertRefused(file(0xEF, 0xBB, 0xBF), ": is empty");
  }

  @Test
  void refusesWhatIsNotUtf8WithTheOffset() throws IOException {
    assertRefused(file('a', 0xC3, 0xA9, 0xE9, 'b'), ": not UTF-8: byte 0xE9 at offset 3");
    assertRefused(file('a', 0xF0, 0x9F, 0x98), ": not UTF-8: byte 0xF0 at offset 1"); // cut short
    assertRefused(file(0xED, 0xA0, 0x80), ": not UTF-8: byte 0xED at offset 0"); // a surrogate
    assertRefused(file(0xC0, 0x80), ": not UTF-8: byte 0xC0 at offset 0"); // longer than need be
  }

  @Test
  void suspectsUtf16() throws IOException {
    String hint = ": not UTF-8: byte 0x%s at offset 0 (it begins like UTF-16; convert it first)";
    assertRefused(file(0xFF, 0xFE, 'a', 0), hint.formatted("FF"));
    assertRefused(file(0xFE, 0xFF, 0, 'a'), hint.formatted("FE"));
    assertRefused(file(0xFF, 0xFF), ": not UTF-8: byte 0xFF at offset 0");
  }

  @Test
  void theEmbeddedTextIsThere() {
    int[] text = Corpus.read();
    assertThat(new String(text, 0, 22)).isEqualTo("The Old Curiosity Shop");
    assertThat(Vocabulary.ofText(text).size()).isEqualTo(77); // the byte order mark is not one of them
  }
}

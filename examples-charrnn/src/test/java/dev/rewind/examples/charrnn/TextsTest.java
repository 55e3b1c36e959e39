package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertThatThrownBy(() -> Texts.read(path, null)).isInstanceOf(UserError.class).hasMessage(path + message);
  }

  @Test
  void aSymbolIsACodePoint() throws IOException {
    Path path = Files.writeString(folder.resolve("text.txt"), "aé€😀\r\nb");
    assertThat(Texts.read(path, null)).containsExactly('a', 0xE9, 0x20AC, 0x1F600, '\r', '\n', 'b');
  }

  @Test
  void dropsOneByteOrderMarkAtTheStart() {
    byte[] bytes = "\uFEFF\uFEFFa\uFEFF".getBytes(StandardCharsets.UTF_8);
    assertThat(Texts.decode(bytes, null, "t")).containsExactly(0xFEFF, 'a', 0xFEFF);
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
    String hint = "; --encoding NAME reads other encodings, such as windows-1252";
    assertRefused(file('a', 0xC3, 0xA9, 0xE9, 'b'), ": not UTF-8: byte 0xE9 at offset 3" + hint);
    assertRefused(file('a', 0xF0, 0x9F, 0x98), ": not UTF-8: byte 0xF0 at offset 1" + hint); // cut short
    assertRefused(file(0xED, 0xA0, 0x80), ": not UTF-8: byte 0xED at offset 0" + hint); // a surrogate
    assertRefused(file(0xC0, 0x80), ": not UTF-8: byte 0xC0 at offset 0" + hint); // longer than need be
    assertRefused(file(0xFF, 0xFF), ": not UTF-8: byte 0xFF at offset 0" + hint);
  }

  static Stream<Arguments> wideTexts() {
    return Stream.of("hi", "The quick brown fox.\n", "Война и мир\r\nтом первый", "لكل شخص الحق في الحياة", "x😀𝄞 y\n")
        .flatMap(
            text -> Stream.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE").flatMap(
                encoding -> Stream.of(Arguments.of(text, encoding), Arguments.of("\uFEFF" + text, encoding))));
  }

  @ParameterizedTest
  @MethodSource("wideTexts")
  void tellsUtf16AndUtf32ApartAndReadsThemIfTold(String text, String encoding) throws IOException {
    Path path = Files.writeString(folder.resolve("text.txt"), text, Charset.forName(encoding));
    assertRefused(path, ": looks like " + encoding + ", not UTF-8; --encoding " + encoding
        + " reads it, --encoding UTF-8 if it is UTF-8 all the same");
    int[] symbols = text.replace("\uFEFF", "").codePoints().toArray();
    assertThat(Texts.read(path, Charset.forName(encoding))).containsExactly(symbols);
  }

  /// Long enough for all that Chinese script uses: high bytes from 4E to 9F, low ones of all values.
  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
  void suspectsUtf16OfManyHighBytes(String encoding) throws IOException {
    String text = new Random(1).ints(3000, 0x4E00, 0x9FA6).mapToObj(Character::toString).collect(Collectors.joining());
    assertRefused(Files.writeString(folder.resolve("text.txt"), text, Charset.forName(encoding)),
        ": looks like " + encoding
            + ", not UTF-8; --encoding " + encoding + " reads it, --encoding UTF-8 if it is UTF-8 all the same");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0", "one\0two\0three\0", "\u0001start\u0002\r\n the end\u001A", "1,2,3,4,", "\0\0",
      "ab\n\0cd\n\0"})
  void controlCharactersAloneAreNoOtherEncoding(String text) throws IOException {
    assertThat(Texts.read(Files.writeString(folder.resolve("text.txt"), text), null))
        .containsExactly(text.codePoints().toArray());
  }

  @Test
  void whatIsUtf8AllTheSameIsReadIfTold() throws IOException {
    Path path = file('h', 0, 'i', 0);
    assertThat(Texts.read(path, StandardCharsets.UTF_8)).containsExactly('h', 0, 'i', 0);
  }

  @Test
  void readsOtherEncodings() throws IOException {
    assertThat(Texts.read(file('d', 0xE9, 'j', 0xE0, 0x85), Charset.forName("windows-1252"))).containsExactly('d', 'é',
        'j', 'à', '…');
    assertThat(Texts.read(file(0x94, 0x39, 0xFC, 0x36), Charset.forName("GB18030"))).containsExactly(0x1F600);
    assertThatThrownBy(() -> Texts.read(file('a', 0x81), Charset.forName("windows-1252"))).isInstanceOf(UserError.class)
        .hasMessageEndingWith("text.txt: not windows-1252: byte 0x81 at offset 1");
    assertThatThrownBy(() -> Texts.read(file(0xFF, 0xFE, 'a', 0), StandardCharsets.UTF_16BE))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("text.txt: not UTF-16BE: its byte order mark is that of the other byte order");
    assertThatThrownBy(() -> Texts.read(file('a', 0, 0, 0, 0, 0xD8, 0, 0), StandardCharsets.UTF_32LE))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith(
            "text.txt: not UTF-32LE: symbol 1 is half a surrogate pair, HIGH SURROGATES D800 (U+D800)");
    assertThatThrownBy(() -> Texts.read(file('a', 0, 'b'), StandardCharsets.UTF_16LE)).isInstanceOf(UserError.class)
        .hasMessageEndingWith("text.txt: not UTF-16LE: byte 0x62 at offset 2");
  }

  static Stream<Charset> encodings() {
    return Charset.availableCharsets().values().stream();
  }

  /// Whatever the bytes: code points (never half a surrogate pair) or one line that names the encoding.
  @ParameterizedTest
  @MethodSource("encodings")
  void everyEncodingGivesCodePointsOrIsRefused(Charset encoding) {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(8)];
      random.nextBytes(bytes);
      for (int at = 0; at < bytes.length && i % 2 == 0; at += 4) {
        bytes[at] = 0; // plausible in 32 bits
        bytes[Math.min(at + 1, bytes.length - 1)] = 0;
      }
      try {
        assertThat(Arrays.stream(Texts.decode(bytes, encoding, "t")).filter(
            symbol -> !Character.isValidCodePoint(symbol) || symbol >= 0xD800 && symbol <= 0xDFFF)).isEmpty();
      } catch (UserError e) {
        assertThat(e).hasMessageMatching("t: (not " + Pattern.quote(encoding.name()) + ": .+|is empty)");
      }
    }
  }

  @Test
  void theEmbeddedTextIsThere() {
    int[] text = Corpus.read();
    assertThat(new String(text, 0, 22)).isEqualTo("The Old Curiosity Shop");
    assertThat(Vocabulary.ofText(text).size()).isEqualTo(77); // the byte order mark is not one of them
  }
}

package dev.rewind.examples.charrnn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// Texts as code points. A text is UTF-8; a byte order mark at its start is dropped, line ends are kept as they are.
public final class Texts {
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private Texts() {}

  /// The code points of a file (or of a pipe).
  ///
  /// @throws UserError naming the file, if it is missing, a directory, not readable, empty, too large or not UTF-8
  public static int[] read(Path file) {
    if (Files.isDirectory(file)) {
      throw new UserError(file + ": is a directory, not a text");
    }
    try {
      if (Files.size(file) > Integer.MAX_VALUE - 8) { // the longest array
        throw new UserError(file + ": has " + Files.size(file) + " bytes; a text may have up to 2 GB");
      }
      return decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw UserError.of(file, e);
    }
  }

  /// The code points of UTF-8 bytes.
  ///
  /// @param name what to call the text in a message
  /// @throws UserError if there are none, or the bytes are not UTF-8, with the offset of the first that is not
  public static int[] decode(byte[] utf8, String name) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(utf8);
    CharBuffer out = CharBuffer.allocate(utf8.length); // a code point has at least as many bytes as chars
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new UserError(malformed(utf8, in.position(), name));
    }
    int[] text = codePoints(out.array(), out.position());
    if (text.length == 0) {
      throw new UserError(name + ": is empty");
    }
    return text;
  }

  private static int[] codePoints(char[] chars, int length) {
    int[] result = new int[length];
    int size = 0;
    for (int i = 0; i < length; i++) {
      int codePoint = chars[i];
      if (Character.isHighSurrogate(chars[i])) {
        codePoint = Character.toCodePoint(chars[i], chars[++i]);
      }
      if (i > 0 || codePoint != BYTE_ORDER_MARK) {
        result[size++] = codePoint;
      }
    }
    return size == length ? result : Arrays.copyOf(result, size);
  }

  private static String malformed(byte[] bytes, int offset, String name) {
    String hint = "";
    if (bytes.length >= 2 && (bytes[0] & bytes[1] & 0xFE) == 0xFE && bytes[0] != bytes[1]) {
      hint = " (it begins like UTF-16; convert it first)";
    }
    return String.format(Locale.ROOT, "%s: not UTF-8: byte 0x%02X at offset %d%s",
        name, bytes[offset] & 0xFF, offset, hint);
  }
}

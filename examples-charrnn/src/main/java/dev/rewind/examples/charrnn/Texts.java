package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/// Texts as code points. A text is UTF-8 unless another encoding is named; a byte order mark at its start is dropped,
/// line ends are kept as they are.
public final class Texts {
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final int REVERSED_MARK = 0xFFFE;
  private static final int LONGEST = Integer.MAX_VALUE - 8; // array
  /// Those of 32 bits first, for the mark of UTF-32LE begins with that of UTF-16LE.
  private static final List<Charset> WIDE = List.of(
      StandardCharsets.UTF_32LE, StandardCharsets.UTF_32BE, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);

  private Texts() {}

  /// The code points of a file (or of a pipe).
  ///
  /// @param encoding as in [#decode]
  /// @throws UserError naming the file, if it is missing, a directory, not readable, empty, too large or in another
  ///     encoding
  public static int[] read(Path file, Charset encoding) {
    if (Files.isDirectory(file)) {
      throw new UserError(file + ": is a directory, not a text");
    }
    try {
      if (Files.size(file) > LONGEST) {
        throw new UserError(file + ": has " + Files.size(file) + " bytes; a text may have up to 2 GB");
      }
      return decode(Files.readAllBytes(file), encoding, file.toString());
    } catch (IOException e) {
      throw UserError.of(file, e);
    }
  }

  /// The code points of bytes.
  ///
  /// @param encoding null for UTF-8, refusing what looks like UTF-16 or UTF-32 (which often is well-formed UTF-8, full
  ///     of NULs)
  /// @param name what to call the text in a message
  /// @throws UserError if there are none, or the bytes are not in that encoding, with the offset of the first that is
  ///     not
  public static int[] decode(byte[] bytes, Charset encoding, String name) {
    Charset wide = encoding == null ? wide(bytes) : null;
    if (wide != null) {
      throw new UserError(name + ": looks like " + wide + ", not UTF-8; --encoding " + wide
          + " reads it, --encoding UTF-8 if it is UTF-8 all the same");
    }
    CharsetDecoder decoder = (encoding == null ? StandardCharsets.UTF_8 : encoding).newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer
        .allocate((int) Math.min(LONGEST, Math.ceil(bytes.length * (double) decoder.maxCharsPerByte())));
    CoderResult result = decoder.decode(in, out, true);
    if (result.isUnderflow()) {
      result = decoder.flush(out);
    }
    if (result.isError()) {
      String hint = encoding == null ? "; --encoding NAME reads other encodings, such as windows-1252" : "";
      throw new UserError(String.format(Locale.ROOT, "%s: not %s: byte 0x%02X at offset %d%s",
          name, decoder.charset(), bytes[in.position()] & 0xFF, in.position(), hint));
    }
    int[] text = codePoints(out.array(), out.position(), name + ": not " + decoder.charset());
    if (text.length == 0) {
      throw new UserError(name + ": is empty");
    }
    return text;
  }

  /// @param refusal how a message begins that decoders leave to us: those of UTF-32 let halves of surrogate pairs pass,
  ///     those of UTF-16 a byte order mark of the other order
  private static int[] codePoints(char[] chars, int length, String refusal) {
    int[] result = new int[length];
    int size = 0;
    for (int i = 0; i < length; i++) {
      int codePoint = Character.codePointAt(chars, i, length);
      if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
        throw new UserError(
            refusal + ": symbol " + size + " is half a surrogate pair, " + Vocabulary.describe(codePoint));
      }
      if (i == 0 && codePoint == REVERSED_MARK) {
        throw new UserError(refusal + ": its byte order mark is that of the other byte order");
      }
      if (i > 0 || codePoint != BYTE_ORDER_MARK) {
        result[size++] = codePoint;
      }
      i += Character.charCount(codePoint) - 1;
    }
    return size == length ? result : Arrays.copyOf(result, size);
  }

  /// Which of [#WIDE] the bytes seem to be in, or null. Without a byte order mark, UTF-32 shows in a highest byte that
  /// is always 0 beside one that numbers a plane (0 to 3 or 14 to 16: no tab or line end). UTF-16 shows in control
  /// characters, which texts in other encodings hardly have, and in high bytes that take at most half as many values as
  /// the low ones (one for Latin script, two or three for others, some 90 of 256 for Chinese).
  private static Charset wide(byte[] bytes) {
    for (Charset candidate : WIDE) {
      byte[] mark = Character.toString(BYTE_ORDER_MARK).getBytes(candidate);
      if (Arrays.equals(bytes, 0, Math.min(mark.length, bytes.length), mark, 0, mark.length)) {
        return candidate;
      }
    }
    BitSet[] seen = {new BitSet(), new BitSet(), new BitSet(), new BitSet()}; // byte values, by offset modulo 4
    for (int i = 0; i < bytes.length; i++) {
      seen[i % 4].set(bytes[i] & 0xFF);
    }
    if (bytes.length > 0 && bytes.length % 4 == 0) {
      if (seen[3].length() == 1 && arePlanes(seen[2])) {
        return StandardCharsets.UTF_32LE;
      }
      if (seen[0].length() == 1 && arePlanes(seen[1])) {
        return StandardCharsets.UTF_32BE;
      }
    }
    seen[0].or(seen[2]);
    seen[1].or(seen[3]);
    if (bytes.length % 2 == 0 && (hasControls(seen[0]) || hasControls(seen[1]))) {
      if (2 * seen[1].cardinality() <= seen[0].cardinality()) {
        return StandardCharsets.UTF_16LE;
      }
      if (2 * seen[0].cardinality() <= seen[1].cardinality()) {
        return StandardCharsets.UTF_16BE;
      }
    }
    return null;
  }

  private static boolean arePlanes(BitSet bytes) {
    return bytes.get(4, 14).isEmpty() && bytes.length() <= 17;
  }

  private static boolean hasControls(BitSet bytes) {
    return bytes.stream().anyMatch(b -> b < ' ' && "\b\t\n\013\f\r\033".indexOf(b) < 0);
  }
}

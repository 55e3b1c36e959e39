package dev.rewind.nn.io;

import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/// The front of an array of NumPy's: its magic number, a version, and a Python dictionary in text.
///
/// @param descr the dtype, such as `<f4`
/// @param fortran whether the first axis is the innermost
/// @param begin where the elements begin
record Npy(String descr, boolean fortran, List<Long> shape, long begin) {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int LONGEST = 1 << 20;
  private static final String SUFFIX = ".npy";
  private static final Pattern DICTIONARY = Pattern.compile("\\{(.*)}\\s*", Pattern.DOTALL);
  private static final Pattern ITEM = Pattern.compile(
      "\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([\\dL,\\s]*\\))\\s*(,\\s*|\\z)");
  private static final Map<String, Element> KINDS = Map.ofEntries(Map.entry("f8", Element.F64),
      Map.entry("f4", Element.F32), Map.entry("f2", Element.F16), Map.entry("i8", Element.I64),
      Map.entry("i4", Element.I32), Map.entry("i2", Element.I16), Map.entry("i1", Element.I8),
      Map.entry("u8", Element.U64), Map.entry("u4", Element.U32), Map.entry("u2", Element.U16),
      Map.entry("u1", Element.U8), Map.entry("b1", Element.BOOL), Map.entry("c8", Element.C64));

  /// Where an array's bytes come from.
  interface Opener {
    Element.Bytes open() throws IOException;
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /// Adds an array in a file of its own.
  static void read(Opener opener, long size, TensorArchive archive, Path path, String name) throws IOException {
    Npy npy = header(opener.open(), size);
    archive.put(path, name, npy.dtype(), npy.shape, () -> npy.elements(opener.open()));
  }

  /// Adds the arrays of an `.npz`, which has each in a file `name.npy`.
  static void readAll(Zip zip, TensorArchive archive, Path path) throws IOException {
    for (ZipEntry entry : zip.entries().values()) {
      String name = entry.getName();
      if (!name.endsWith(SUFFIX)) {
        throw new IllegalArgumentException(
            "a zip file with neither data.pkl, as torch.save has it, nor arrays alone, as "
                + "numpy.savez has it: " + name);
      }
      String array = name.substring(0, name.length() - SUFFIX.length());
      TensorFileException.naming("tensor " + array, () -> {
        Npy npy = zip.begin(entry, bytes -> header(bytes, entry.getSize()));
        archive.put(path, array, npy.dtype(), npy.shape, () -> zip.read(entry, npy::elements));
        return null;
      });
    }
  }

  private static Npy header(Element.Bytes bytes, long size) throws IOException {
    if (size < 12) {
      throw new IllegalArgumentException(size + " bytes are too few for an array of NumPy's");
    }
    String magic = StandardCharsets.ISO_8859_1.decode(bytes.next(8)).toString();
    int version = magic.charAt(6);
    if (!magic.startsWith(MAGIC) || version < 1 || version > 3 || magic.charAt(7) != 0) {
      throw new IllegalArgumentException("not an array of NumPy's in version 1, 2 or 3");
    }
    ByteBuffer number = bytes.next(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? Short.toUnsignedInt(number.getShort()) : Integer.toUnsignedLong(number.getInt());
    long begin = (version == 1 ? 10 : 12) + length;
    if (length > LONGEST || begin > size) {
      throw new IllegalArgumentException("a header of " + length + " bytes is announced in " + size + " bytes");
    }
    String text = StandardCharsets.ISO_8859_1.decode(bytes.next((int) length)).toString();
    Map<String, String> items = items(text);
    if (!items.keySet().equals(Set.of("descr", "fortran_order", "shape")) || !items.get("shape").startsWith("(")
        || !items.get("descr").startsWith("'") || !items.get("fortran_order").matches("True|False")) {
      throw new IllegalArgumentException("its header is not that of a plain array: " + text.strip());
    }
    List<Long> shape = Stream.of(items.get("shape").replaceAll("[()L\\s]", "").split(","))
        .filter(axis -> !axis.isEmpty())
        .map(Long::valueOf).toList();
    String descr = items.get("descr").replace("'", "");
    Npy npy = new Npy(descr, items.get("fortran_order").equals("True"), shape, begin);
    if (npy.element() != null && npy.element().bytes(shape) != size - begin) {
      throw new IllegalArgumentException(
          "its header says " + npy.element().bytes(shape) + " bytes of " + npy.dtype() + " "
              + shape + ", there are " + (size - begin));
    }
    return npy;
  }

  private static Map<String, String> items(String text) {
    Map<String, String> items = new HashMap<>();
    Matcher dictionary = DICTIONARY.matcher(text);
    if (dictionary.matches()) {
      Matcher item = ITEM.matcher(dictionary.group(1));
      int at = 0;
      while (item.region(at, item.regionEnd()).lookingAt() && items.put(item.group(1), item.group(2)) == null) {
        at = item.end();
      }
      if (at < dictionary.group(1).length()) {
        return Map.of();
      }
    }
    return items;
  }

  private Element element() {
    return descr.length() == 3 && "<>|=".indexOf(descr.charAt(0)) >= 0 ? KINDS.get(descr.substring(1)) : null;
  }

  private String dtype() {
    return element() == null ? descr : element().name();
  }

  private Tensor elements(Element.Bytes bytes) throws IOException {
    if (element() == null) {
      throw new IllegalArgumentException("there is no tensor of NumPy's dtype " + descr + " here");
    }
    for (long at = 0; at < begin; at += bytes.next((int) Math.min(begin - at, 1 << 16)).remaining()) {
    }
    ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    Tensor read = element().read(fortran ? shape.reversed() : shape, order, bytes);
    return fortran && shape.size() > 1 ? transposed(read).contiguous() : read;
  }

  private static Tensor transposed(Tensor x) {
    int[] axes = new int[x.rank()];
    Arrays.setAll(axes, axis -> axes.length - 1 - axis);
    return x.permute(axes);
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// Version 1.0, in C order, little-endian.
  static void write(WritableByteChannel channel, Tensor tensor) throws IOException {
    String descr = switch (tensor.dtype()) {
      case FLOAT32 -> "<f4";
      case FLOAT64 -> "<f8";
      case INT32 -> "<i4";
      case BOOL -> "|b1";
    };
    String shape = Arrays.stream(tensor.shape().sizes()).mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(", tensor.rank() == 1 ? ",)" : ")")); // as Python writes tuples
    String text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    int padded = (10 + text.length() + 1 + 63) / 64 * 64 - 10; // so that the elements are aligned
    String front = MAGIC + "\1\0" + (char) (padded % 256) + (char) (padded / 256) + text
        + " ".repeat(padded - text.length() - 1) + "\n";
    Element.writeFully(channel, StandardCharsets.ISO_8859_1.encode(front));
    Element.write(channel, tensor);
  }
}

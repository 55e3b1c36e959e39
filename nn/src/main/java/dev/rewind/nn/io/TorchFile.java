package dev.rewind.nn.io;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The zip files of `torch.save`: a pickle that says what there is, and an entry of bytes for each storage.
final class TorchFile {
  private static final String PICKLE = "data.pkl";
  private static final long LONGEST_PICKLE = 1 << 26;
  private static final int DEEPEST = 100;
  private static final long MOST_TEXT = 1 << 24;
  private static final long SMALL = 1 << 16;
  private static final int MOST_VIEWS = 64; // of each byte, on average

  private TorchFile() {}

  static boolean isIn(Zip zip) {
    return pickle(zip) != null;
  }

  private static String pickle(Zip zip) {
    return zip.entries().keySet().stream().filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE))
        .findFirst()
        .orElse(null);
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /// Adds all tensors, by the path that leads to them through dictionaries and lists: `model.lstm.weight_ih_l0`.
  static void read(Zip zip, TensorArchive archive, Path path) throws IOException {
    String name = pickle(zip);
    ZipEntry entry = zip.entries().get(name);
    if (entry.getSize() > LONGEST_PICKLE) {
      throw new IllegalArgumentException("its " + name + " of " + entry.getSize() + " bytes is too long");
    }
    Object read = zip.read(entry, bytes -> Pickle.read(bytes.next((int) entry.getSize())));
    new Reader(zip, archive, path, name.substring(0, name.length() - PICKLE.length())).add("", read, 0);
  }

  /// Goes through what a pickle holds. The same object may be in it many times, so that what comes of it is bounded.
  private static final class Reader {
    private final Zip zip;
    private final TensorArchive archive;
    private final Path path;
    private final String folder;
    private final ByteOrder order;
    private final long most;
    private long text;
    private long viewed;

    Reader(Zip zip, TensorArchive archive, Path path, String folder) throws IOException {
      this.zip = zip;
      this.archive = archive;
      this.path = path;
      this.most = SMALL + MOST_VIEWS * Files.size(path);
      this.folder = folder;
      ZipEntry named = zip.entries().get(folder + "byteorder");
      String said = named == null ? "little"
          : zip.read(named, bytes -> StandardCharsets.US_ASCII.decode(bytes.next((int) Math.min(6, named.getSize())))
              .toString());
      order = switch (said) {
        case "little" -> ByteOrder.LITTLE_ENDIAN;
        case "big" -> ByteOrder.BIG_ENDIAN;
        default -> throw new IllegalArgumentException("its byteorder is '" + said + "', not little or big");
      };
    }

    void add(String name, Object value, int depth) {
      text += name.length() + 8;
      if (text > MOST_TEXT || viewed > most || depth > DEEPEST) {
        throw new IllegalArgumentException("its dictionaries and lists hold too much, or themselves");
      }
      String prefix = name.isEmpty() ? "" : name + ".";
      switch (value) {
        case Map<?, ?> map -> map.forEach((key, item) -> add(prefix + key, item, depth + 1));
        case List<?> list -> {
          for (int i = 0; i < list.size(); i++) {
            add(prefix + i, list.get(i), depth + 1);
          }
        }
        case Pickle.View view -> add(name.isEmpty() ? TensorArchive.ONLY : name, view);
        case Record other -> throw new IllegalArgumentException("'" + name + "' is " + other + ", which is refused");
        default -> {
          text += value.toString().length();
          archive.putText(name, value.toString());
        }
      }
    }

    private void add(String name, Pickle.View view) {
      Pickle.Storage storage = view.storage();
      try {
        ZipEntry bytes = zip.entries().get(folder + "data/" + storage.key());
        long size = storage.element().bytes(List.of(storage.elements()));
        if (bytes == null || bytes.getSize() != size) {
          throw new IllegalArgumentException("its storage of " + storage.elements() + " elements of "
              + storage.element() + ", " + size + " bytes, is " + (bytes == null ? "missing"
                  : "an entry of " + bytes.getSize() + " bytes"));
        }
        viewed += requireWithin(view);
        archive.put(path, name, storage.element().name(), view.shape(), () -> {
          List<Long> all = List.of(storage.elements());
          return view(view, zip.read(bytes, reader -> storage.element().read(all, order, reader)));
        });
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage(), e);
      }
    }

    /// Returns how many bytes it has.
    private static long requireWithin(Pickle.View view) {
      long bytes = view.storage().element().bytes(view.shape());
      if (view.shape().size() != view.strides().size() || view.offset() < 0
          || view.strides().stream().anyMatch(stride -> stride < 0)
          || bytes > Math.max(SMALL, view.storage().element().bytes(List.of(view.storage().elements())))) {
        throw new IllegalArgumentException("its shape " + view.shape() + ", strides " + view.strides() + " and offset "
            + view.offset() + " do not fit a storage of " + view.storage().elements() + " elements");
      }
      long last = bytes == 0 ? -1 : view.offset();
      try {
        for (int axis = 0; bytes > 0 && axis < view.shape().size(); axis++) {
          last = Math.addExact(last, Math.multiplyExact(view.shape().get(axis) - 1, view.strides().get(axis)));
        }
      } catch (ArithmeticException e) {
        last = Long.MAX_VALUE;
      }
      if (last >= view.storage().elements()) {
        throw new IllegalArgumentException("its last element is number " + last + " of a storage of "
            + view.storage().elements());
      }
      return bytes;
    }

    private static Tensor view(Pickle.View view, Tensor storage) {
      int[] sizes = Element.sizes(view.shape());
      int elements = Shape.of(sizes).elements();
      boolean row = true; // whether its elements come one after the other
      long inner = elements;
      for (int axis = 0; elements > 0 && axis < sizes.length; axis++) {
        inner /= sizes[axis];
        row &= sizes[axis] == 1 || view.strides().get(axis) == inner;
      }
      if (row) {
        int from = elements == 0 ? 0 : (int) view.offset();
        Tensor part = storage.slice(0, from, from + elements).reshape(sizes);
        return elements == storage.elements() ? part : part.copy();
      }
      Tensor index = Tensor.scalar((int) view.offset());
      for (int axis = 0; axis < sizes.length; axis++) {
        double stride = sizes[axis] == 1 ? 0 : view.strides().get(axis);
        index = index.unsqueeze(-1).plus(Tensor.arange(sizes[axis]).times(stride));
      }
      return storage.gather(index, 0);
    }
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// Writes what `torch.save` writes of a state dictionary.
  static void write(WritableByteChannel channel, Map<String, Tensor> tensors) throws IOException {
    try (ZipOutputStream zip = Zip.over(channel)) {
      byte[] pickle = pickle(tensors);
      Zip.add(zip, "archive/" + PICKLE, false, out -> Element.writeFully(out, ByteBuffer.wrap(pickle)));
      add(zip, "archive/byteorder", "little");
      int key = 0;
      for (Tensor tensor : tensors.values()) {
        Zip.add(zip, "archive/data/" + key++, false, out -> Element.write(out, tensor));
      }
      add(zip, "archive/version", "3\n");
    }
  }

  private static void add(ZipOutputStream zip, String name, String text) throws IOException {
    Zip.add(zip, name, false, out -> Element.writeFully(out, StandardCharsets.US_ASCII.encode(text)));
  }

  private static byte[] pickle(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(new byte[] {(byte) 0x80, 2});
    out.writeBytes("}("); // a plain dictionary, since PyTorch's C++ library does not read an OrderedDict
    int key = 0;
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      text(out, named.getKey());
      out.writeBytes("ctorch._utils\n_rebuild_tensor_v2\n((");
      text(out, "storage");
      out.writeBytes("ctorch\n" + storage(tensor.dtype()) + "Storage\n");
      text(out, Integer.toString(key++));
      text(out, "cpu");
      number(out, tensor.elements());
      out.writeBytes("tQ");
      number(out, 0);
      int[] sizes = tensor.shape().sizes();
      int[] strides = new int[sizes.length];
      for (int axis = sizes.length - 1, inner = 1; axis >= 0; inner *= Math.max(1, sizes[axis--])) {
        strides[axis] = inner;
      }
      for (int[] numbers : List.of(sizes, strides)) {
        out.writeBytes("(");
        for (int number : numbers) {
          number(out, number);
        }
        out.writeBytes("t");
      }
      out.write(0x89); // needs no gradient
      out.writeBytes("ccollections\nOrderedDict\n)RtR"); // has no hooks
    }
    out.writeBytes("u.");
    return bytes.toByteArray();
  }

  private static String storage(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "Float";
      case FLOAT64 -> "Double";
      case INT32 -> "Int";
      case BOOL -> "Bool";
    };
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeBytes("X");
    out.writeInt(Integer.reverseBytes(bytes.length));
    out.write(bytes);
  }

  private static void number(DataOutputStream out, int number) throws IOException {
    out.writeBytes("J");
    out.writeInt(Integer.reverseBytes(number));
  }
}

package dev.rewind.nn.io;

import dev.rewind.nn.Block;
import dev.rewind.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A file of tensors that is read as it is asked for: safetensors, one file or shards with an index; NumPy's `.npy` and
/// `.npz`; and the zip files of PyTorch's `torch.save`. What it is, its content says, not its name.
///
/// ```java
/// try (TensorArchive archive = TensorArchive.open(Path.of("model.safetensors"))) {
///   Tensor weight = archive.tensors().get("lstm.weight_ih_l0").read();
///   LoadReport report = archive.load(model, Mapping.PYTORCH);
/// }
/// ```
///
/// Files are taken as what strangers send: everything in them is checked before memory is set aside for it, and no
/// objects of any language are made from them. Any number of threads may read.
public final class TensorArchive implements AutoCloseable {
  private static final int ZIP = 0x04034b50;
  private static final int EMPTY_ZIP = 0x06054b50;
  private static final int NUMPY = 0x4d554e93;
  private static final int HDF5 = 0x46444889;
  private static final int SMALL = 1 << 18;
  private static final int LONGEST_INDEX = 100_000_000;
  /// What the only tensor is called in a file that has no names.
  static final String ONLY = "tensor";

  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Closeable> open = new ArrayList<>();
  private volatile boolean closed;

  private TensorArchive() {}

  /// Opens a file. Its tensors are not read yet.
  ///
  /// @throws TensorFileException if it is none of these, is damaged, or holds what is not a tensor
  public static TensorArchive open(Path path) throws IOException {
    TensorArchive archive = new TensorArchive();
    try {
      TensorFileException.naming(path.toString(), () -> {
        archive.add(path);
        return null;
      });
    } catch (IOException | RuntimeException | Error e) {
      try (archive) {
        throw e;
      }
    }
    return archive;
  }

  private void add(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException("it is a folder; name a file in it");
    }
    MemorySegment file = map(path);
    int magic = file.byteSize() < 4 ? 0
        : file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (magic == ZIP || magic == EMPTY_ZIP) {
      Zip zip = new Zip(path);
      open.add(zip);
      if (TorchFile.isIn(zip)) {
        TorchFile.read(zip, this, path);
      } else {
        Npy.readAll(zip, this, path);
      }
    } else if (magic == NUMPY) {
      Npy.read(() -> Element.bytes(file, 0), file.byteSize(), this, path, ONLY);
    } else if (magic == HDF5) {
      throw new IllegalArgumentException("HDF5, as Keras writes it, is not read; load it in Python, and save it by "
          + "np.savez('model.npz', **{w.path: w.numpy() for w in model.weights})");
    } else if ((magic & 0xffff) == 0x0280) {
      throw new IllegalArgumentException(
          "a pickle alone, as torch.save wrote it before PyTorch 1.6, is not read; load it "
              + "in PyTorch and save it anew");
    } else if (magic != 0 && (magic & 0xff) == '{' && file.byteSize() > 7 && file.get(ValueLayout.JAVA_BYTE, 7) != 0) {
      addShards(path, file);
    } else {
      addSafetensors(path, file);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // close() does
  private MemorySegment map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      if (channel.size() < SMALL) { // mapping costs more
        return MemorySegment.ofArray(Channels.newInputStream(channel).readNBytes(SMALL));
      }
      Arena arena = Arena.ofShared();
      open.add(arena::close);
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private void addSafetensors(Path path, MemorySegment file) throws IOException {
    Header header = Header.read(file);
    metadata.putAll(header.metadata());
    for (Header.Entry entry : header.entries()) {
      put(path, entry.name(), entry.element().name(), entry.shape(), () -> entry.element().read(entry.shape(),
          ByteOrder.LITTLE_ENDIAN, Element.bytes(file, header.dataOffset() + entry.begin())));
    }
  }

  /// The tensors of the files beside an index of Hugging Face's, `model.safetensors.index.json`.
  private void addShards(Path path, MemorySegment index) throws IOException {
    if (index.byteSize() > LONGEST_INDEX) {
      throw new IllegalArgumentException("an index of " + index.byteSize() + " bytes is too long");
    }
    Map<String, String> shards = new LinkedHashMap<>();
    TensorFileException.naming("its index is not valid", () -> {
      Header.readObject(index.asByteBuffer(), (name, in) -> {
        if (name.equals(Header.WEIGHT_MAP)) {
          shards.putAll(Header.readTexts(in));
        } else {
          in.skipChildren();
        }
      });
      return null;
    });
    if (shards.isEmpty()) {
      throw new IllegalArgumentException("not an index of safetensors files: it has no weight_map");
    }
    Map<String, StoredTensor> found = new LinkedHashMap<>();
    for (String shard : new TreeSet<>(shards.values())) {
      Path beside = path.resolveSibling(shard);
      if (!shard.equals(beside.getFileName().toString()) || !Files.isRegularFile(beside)) {
        throw new IllegalArgumentException("its index names '" + shard + "', which is not a file beside it");
      }
      TensorFileException.naming(shard, () -> {
        addSafetensors(beside, map(beside));
        return null;
      });
      shards.forEach((name, of) -> {
        if (of.equals(shard)) {
          StoredTensor tensor = tensors.get(name);
          if (tensor == null) {
            throw new IllegalArgumentException("its index says that " + name + " is in " + shard + ", which lacks it");
          }
          found.put(name, tensor);
        }
      });
      tensors.clear();
    }
    shards.keySet().forEach(name -> tensors.put(name, found.get(name)));
  }

  /// Adds a tensor while the archive is opened.
  ///
  /// @throws IllegalArgumentException if there is one of that name
  void put(Path path, String name, String dtype, List<Long> shape, StoredTensor.Source source) {
    StoredTensor tensor = new StoredTensor(path + ": tensor " + name, dtype, shape, () -> {
      if (closed) {
        throw new IllegalStateException("read: " + path + " is closed");
      }
      return source.read();
    });
    if (tensors.put(name, tensor) != null) {
      throw new IllegalArgumentException("two tensors are called " + name);
    }
  }

  /// Adds a text while the archive is opened.
  void putText(String name, String text) {
    metadata.put(name, text);
  }

  /// The tensors by name, in the order of the file.
  public Map<String, StoredTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /// Texts by name: the metadata of safetensors, or what is not a tensor in a dictionary of PyTorch's, such as `epoch`.
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /// Reads everything.
  ///
  /// @throws TensorFileException naming the first tensor that cannot be read
  public TensorFile readAll() throws IOException {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Map.Entry<String, StoredTensor> named : tensors.entrySet()) {
      all.put(named.getKey(), named.getValue().read());
    }
    return new TensorFile(all, metadata);
  }

  /// Reads tensors into the parameters of the same names; see [#load(Block, Mapping)].
  public LoadReport load(Block model) throws IOException {
    return load(model, Mapping.SAME_NAMES);
  }

  /// Reads tensors into the parameters to which a mapping leads, as [TensorFile#load(Block, Mapping)]; no others are
  /// read.
  ///
  /// @throws TensorFileException naming a tensor that cannot be read; then nothing is changed
  /// @throws IllegalArgumentException with the report if they do not fit
  public LoadReport load(Block model, Mapping mapping) throws IOException {
    return mapping.load(tensors, model);
  }

  /// Lets go of the file; no tensor can be read from it any more, those that were read stay.
  @Override
  public void close() throws IOException {
    closed = true;
    for (Closeable part : open.reversed()) {
      part.close();
    }
  }
}

package dev.rewind.nn.io;

import dev.rewind.nn.Block;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Named tensors and named texts, as a safetensors file holds them; [TensorArchive] reads a file bit by bit.
///
/// @param tensors by name, in the order of the file
/// @param metadata texts by name
public record TensorFile(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final String INDEX = ".safetensors.index.json";

  /// Keeps copies of the maps, in their order.
  public TensorFile {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// Reads all of a file of any kind that [TensorArchive] knows. Nothing is allocated that the file does not hold. What
  /// safetensors does not know of is skipped where the reference implementation (`safetensors` for Rust) skips it:
  /// other keys beside dtype, shape and data_offsets, and metadata that is null. A name that comes twice is refused, as
  /// the format demands.
  ///
  /// @throws TensorFileException if it is not well-formed, or holds a dtype that there is no tensor for; one tensor of
  ///     such a file can be read by [TensorArchive]
  public static TensorFile read(Path path) throws IOException {
    try (TensorArchive archive = TensorArchive.open(path)) {
      return archive.readAll();
    }
  }

  /// Writes a safetensors file, replacing what is there as a whole; equal content gives equal bytes.
  ///
  /// @throws IllegalArgumentException if it could not be read back, and then nothing is written: a tensor is called
  ///   `__metadata__`, a name or a text is null or has an unpaired surrogate, or all of them take over 100 MB
  public void write(Path path) throws IOException {
    write(path, TensorFormat.SAFETENSORS);
  }

  /// Writes a file of that format, replacing what is there as a whole; equal content gives equal bytes.
  ///
  /// @throws IllegalArgumentException as [#write(Path)], or if there is metadata and the format has no place for it; of
  ///     [TensorFormat#NPY], if there is not exactly one tensor
  public void write(Path path, TensorFormat format) throws IOException {
    if (format == TensorFormat.SAFETENSORS) {
      write(path, stored(), metadata);
      return;
    }
    if (!metadata.isEmpty() || format == TensorFormat.NPY && tensors.size() != 1) {
      throw new IllegalArgumentException("write: " + path + ": " + format + " has no place for "
          + (metadata.isEmpty() ? tensors.size() + " tensors" : "metadata; leave out " + metadata.keySet()));
    }
    AtomicFile.write(path, channel -> format.write(channel, tensors));
  }

  /// Writes a safetensors file of tensors that are read or made one after the other, so that all together may be larger
  /// than memory: those of an archive of any kind, or [StoredTensor#of].
  ///
  /// @throws IllegalArgumentException as [#write(Path)], or if a tensor is not of the dtype and shape that was said
  public static void write(Path path, Map<String, StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    try {
      Header header = Header.of(tensors, metadata);
      AtomicFile.write(path, channel -> {
        header.write(channel);
        for (Header.Entry entry : header.entries()) {
          Tensor tensor = tensors.get(entry.name()).read();
          if (tensor.dtype() != entry.element().dtype() || !StoredTensor.sizes(tensor.shape()).equals(entry.shape())) {
            throw new IllegalArgumentException("tensor " + entry.name() + " is " + tensor.dtype() + " " + tensor.shape()
                + ", said was " + entry.element().dtype() + " " + entry.shape());
          }
          Element.write(channel, tensor);
        }
      });
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("write: " + path + ": " + e.getMessage(), e);
    }
  }

  /// Writes tensors into several safetensors files beside an index, as Hugging Face's libraries do:
  /// `model.safetensors.index.json` says which are in `model-00001-of-00002.safetensors`, and so on.
  /// [TensorArchive#open] reads the index. Each file is replaced as a whole, the index at last.
  ///
  /// @param index whose name must end in `.safetensors.index.json`
  /// @param metadata which each of the files has
  /// @param bytes of tensors in a file at most; a tensor that is larger has a file alone
  /// @throws IllegalArgumentException as [#write(Path, Map, Map)], or if the name is another or there are no tensors
  public static void writeShards(Path index, Map<String, StoredTensor> tensors, Map<String, String> metadata,
      long bytes) throws IOException {
    String name = index.getFileName().toString();
    if (!name.endsWith(INDEX) || tensors.isEmpty()) {
      throw new IllegalArgumentException("write: " + index + ": " + (tensors.isEmpty() ? "there are no tensors"
          : "the name of an index must end in " + INDEX));
    }
    List<Map<String, StoredTensor>> shards = new ArrayList<>();
    long first = 0; // of the tensors in the last shard
    List<Header.Entry> entries = Header.of(tensors, metadata).entries();
    for (Header.Entry entry : entries) {
      if (shards.isEmpty() || entry.end() - first > bytes) {
        shards.add(new LinkedHashMap<>());
        first = entry.begin();
      }
      shards.getLast().put(entry.name(), tensors.get(entry.name()));
    }
    Map<String, String> places = new LinkedHashMap<>();
    for (int k = 0; k < shards.size(); k++) {
      String file = String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors",
          name.substring(0, name.length() - INDEX.length()), k + 1, shards.size());
      write(index.resolveSibling(file), shards.get(k), metadata);
      shards.get(k).keySet().forEach(tensor -> places.put(tensor, file));
    }
    byte[] json = Header.index(places, entries.getLast().end());
    AtomicFile.write(index, channel -> Element.writeFully(channel, ByteBuffer.wrap(json)));
  }

  /// Copies tensors into the parameters of the same names; see [#load(Block, Mapping)].
  public LoadReport load(Block model) {
    return load(model, Mapping.SAME_NAMES);
  }

  /// Copies tensors into the parameters to which a mapping leads, converted to their dtypes. Nothing is changed unless
  /// all fit.
  ///
  /// @throws IllegalArgumentException with the report: of everything that is missing, unexpected (unless the mapping is
  ///     lenient) or of another shape; or if two tensors are for one parameter
  public LoadReport load(Block model, Mapping mapping) {
    try {
      return mapping.load(stored(), model);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is read from a file
    }
  }

  private Map<String, StoredTensor> stored() {
    Map<String, StoredTensor> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, StoredTensor.of(tensor)));
    return stored;
  }

  /// The names of all tensors with dtypes and shapes, and the keys of the metadata.
  @Override
  public String toString() {
    Map<String, String> kinds = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> kinds.put(name, tensor.dtype() + " " + tensor.shape()));
    return "TensorFile[tensors=" + kinds + ", metadata of " + metadata.keySet() + "]";
  }
}

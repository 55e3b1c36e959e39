package dev.rewind.nn.io;

import dev.rewind.nn.Block;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Named tensors and named texts, as a safetensors file holds them.
///
/// @param tensors by name, in the order of the file
/// @param metadata texts by name
public record TensorFile(Map<String, Tensor> tensors, Map<String, String> metadata) {
  /// Keeps copies of the maps, in their order.
  public TensorFile {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// Reads a file. Nothing is allocated that the file does not hold. What the format does not know of is skipped where
  /// the reference implementation (`safetensors` for Rust) skips it: other keys beside dtype, shape and data_offsets,
  /// and metadata that is null. A name that comes twice is refused, as the format demands.
  ///
  /// @throws TensorFileException if it is not a well-formed safetensors file, or holds a dtype that there is no tensor
  ///     for
  public static TensorFile read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      Header header = Header.read(path, channel);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Header.Entry entry : header.entries()) {
        tensors.put(entry.name(), TensorBytes.read(path, channel, header.dataOffset() + entry.begin(), entry));
      }
      return new TensorFile(tensors, header.metadata());
    }
  }

  /// Writes a file, replacing what is there as a whole; equal content gives equal bytes.
  ///
  /// @throws IllegalArgumentException if it could not be read back, and then nothing is written: a tensor is called
  ///   `__metadata__`, a name or a text is null or has an unpaired surrogate, or all of them take over 100 MB
  public void write(Path path) throws IOException {
    try {
      Header header = Header.of(tensors, metadata);
      AtomicFile.write(path, channel -> {
        header.write(channel);
        for (Tensor tensor : tensors.values()) {
          TensorBytes.write(channel, tensor);
        }
      });
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("write: " + path + ": " + e.getMessage(), e);
    }
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
    Map<String, StoredTensor> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, StoredTensor.of(tensor)));
    try {
      return mapping.load(stored, model);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is read from a file
    }
  }

  /// The names of all tensors with dtypes and shapes, and the keys of the metadata.
  @Override
  public String toString() {
    Map<String, String> kinds = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> kinds.put(name, tensor.dtype() + " " + tensor.shape()));
    return "TensorFile[tensors=" + kinds + ", metadata of " + metadata.keySet() + "]";
  }
}

package dev.rewind.nn.io;

import dev.rewind.tensor.Tensor;
import java.io.IOException;
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

  /// Reads a file. Nothing is allocated that the file does not hold.
  ///
  /// @throws TensorFileException if it is not a well-formed safetensors file, or holds a dtype that there is no tensor for
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
  public void write(Path path) throws IOException {
    AtomicFile.write(path, channel -> {
      Header.of(tensors, metadata).write(channel);
      for (Tensor tensor : tensors.values()) {
        TensorBytes.write(channel, tensor);
      }
    });
  }
}

package dev.rewind.nn.io;

import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.zip.ZipOutputStream;

/// The kinds of files that [TensorFile#write(java.nio.file.Path, TensorFormat)] writes.
public enum TensorFormat {
  /// Tensors and texts by name, by Hugging Face; the format of Rewind's own files.
  SAFETENSORS,
  /// One array for NumPy's `load`.
  NPY,
  /// Arrays by name for NumPy's `load`, as `savez` writes them.
  NPZ,
  /// The same compressed, as `savez_compressed` writes them.
  NPZ_COMPRESSED,
  /// A state dictionary for `torch.load` and `load_state_dict`, as `torch.save` writes it.
  TORCH;

  void write(FileChannel channel, Map<String, Tensor> tensors) throws IOException {
    switch (this) {
      case SAFETENSORS -> throw new IllegalStateException("written by TensorFile");
      case NPY -> Npy.write(channel, tensors.values().iterator().next());
      case TORCH -> TorchFile.write(channel, tensors);
      case NPZ, NPZ_COMPRESSED -> {
        try (ZipOutputStream zip = Zip.over(channel)) {
          for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
            Zip.add(zip, named.getKey() + ".npy", this == NPZ_COMPRESSED, out -> Npy.write(out, named.getValue()));
          }
        }
      }
    }
  }
}

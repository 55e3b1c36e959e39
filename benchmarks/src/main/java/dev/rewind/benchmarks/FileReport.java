package dev.rewind.benchmarks;

import dev.rewind.nn.io.StoredTensor;
import dev.rewind.nn.io.TensorArchive;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// How long does it take to read a safetensors file of 1 GB, beside reading its bytes: into arrays, tensor by tensor,
/// as both sides have them in the end, and through one buffer, which keeps nothing? The file is in the system's cache,
/// so that the disk does not count. The least of several turns.
final class FileReport {
  private static final int TENSORS = 64;
  private static final int ROWS = 1024;
  private static final int COLUMNS = 4096; // 16 MB
  private static final int TURNS = 7;

  private FileReport() {}

  private interface Reading {
    void run() throws IOException;
  }

  /// Writes the file, reads it in turns, prints a table, and removes it.
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("files");
    Path file = folder.resolve("model.safetensors");
    try {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (int i = 0; i < TENSORS; i++) {
        int k = i;
        tensors.put("t" + i, StoredTensor.of(DType.FLOAT32, Shape.of(ROWS, COLUMNS),
            () -> Tensor.ones(DType.FLOAT32, ROWS, COLUMNS).times(k)));
      }
      TensorFile.write(file, tensors, Map.of());
      report(file);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private static void report(Path file) throws IOException {
    double[] least = new double[3];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int turn = 0; turn < TURNS; turn++) {
      least[0] = Math.min(least[0], seconds(() -> readTensors(file)));
      least[1] = Math.min(least[1], seconds(() -> readBytes(file)));
      least[2] = Math.min(least[2], seconds(() -> readThrough(file)));
    }
    System.out.printf(Locale.ROOT, "| 1 GB of safetensors | seconds | tensors take |%n|---|---|---|%n"
        + "| tensors | %.3f | |%n| bytes into arrays | %.3f | %.2f times |%n"
        + "| bytes through a buffer | %.3f | %.2f times "
        + "|%n", least[0], least[1], least[0] / least[1], least[2], least[0] / least[2]);
  }

  private static void readThrough(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) > 0) {
      }
      require(channel.position() == channel.size());
    }
  }

  private static void readBytes(Path file) throws IOException {
    byte[][] all = new byte[TENSORS][];
    try (InputStream in = Files.newInputStream(file)) {
      for (int i = 0; i < TENSORS; i++) {
        all[i] = in.readNBytes(Float.BYTES * ROWS * COLUMNS);
      }
    }
    require(all[TENSORS - 1].length == Float.BYTES * ROWS * COLUMNS);
  }

  private static void readTensors(Path file) throws IOException {
    try (TensorArchive archive = TensorArchive.open(file)) {
      Map<String, Tensor> all = archive.readAll().tensors();
      require(all.get("t7").at(3, 5) == 7);
    }
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new AssertionError("what was read is not what was written");
    }
  }

  private static double seconds(Reading reading) throws IOException {
    System.gc();
    long begun = System.nanoTime();
    reading.run();
    return (System.nanoTime() - begun) * 1e-9;
  }
}

package dev.rewind.benchmarks.peers;

import dev.rewind.examples.charrnn.Corpus;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.data.Windows;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/// The numbers that both sides start from: each process makes the same ones by itself.
final class Data {
  /// V, the size of the vocabulary: that of tiny Shakespeare.
  static final int SYMBOLS = 65;

  private Data() {}

  /// The novel bundled with the char-RNN, its symbols numbered and taken modulo V.
  static Dataset<Batch> windows(int batch, int steps) {
    int[] text = Corpus.read();
    int[] ids = Arrays.stream(Vocabulary.ofText(text).encode(text)).map(id -> id % SYMBOLS).toArray();
    return Windows.streams(Tensor.wrap(ids, ids.length), batch, steps);
  }

  /// The weights of a parameter: a function of its name and sizes, uniform within `2 / sqrt(last size)`.
  static float[] weights(String name, int... sizes) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    double limit = 2 / Math.sqrt(sizes[sizes.length - 1]);
    float[] weights = new float[Arrays.stream(sizes).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextDouble(-limit, limit);
    }
    return weights;
  }
}

package dev.rewind.benchmarks;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.CharRnnTrainer;
import dev.rewind.examples.charrnn.model.Form;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.nn.data.Windows;
import dev.rewind.nn.train.Trainer;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// The sizes of a char-RNN of LSTM layers while it trains, and the work they stand for.
///
/// @param layers L
/// @param hidden H, the units of a layer and the elements of an embedded symbol
/// @param batch B, texts side by side
/// @param steps T, symbols between two updates
/// @param symbols V
public record TrainingSizes(int layers, int hidden, int batch, int steps, int symbols) {
  private static final int WINDOWS = 40;

  /// A case of the yardstick by its name, or sizes as `L,H,B,T,V`.
  public static TrainingSizes of(String text) {
    for (TrainingBenchmark.Case yardstick : TrainingBenchmark.Case.values()) {
      if (yardstick.name().equals(text)) {
        return yardstick.sizes();
      }
    }
    if (!text.matches("\\d+(,\\d+){4}")) {
      throw new IllegalArgumentException("'" + text + "' is none of " + Arrays.toString(TrainingBenchmark.Case.values())
          + " and no L,H,B,T,V: layers, hidden size, batch, steps, symbols");
    }
    int[] sizes = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
    return new TrainingSizes(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
  }

  /// A trainer on a random text, which costs the same as a real one.
  public Trainer<?> trainer() {
    Rng rng = Rng.of(1);
    Tensor ids = Tensor.integers(rng, symbols, batch * (steps * WINDOWS + 1));
    ModelOptions model = new ModelOptions(CellKind.LSTM, symbols, hidden, hidden, layers, 0);
    TrainOptions training = new TrainOptions(batch, steps, Integer.MAX_VALUE, 2e-3, 5, 0, 1, 1, 1, Form.FUSED);
    return CharRnnTrainer.of(CharRnn.of(model, rng), training, Windows.streams(ids, batch, steps));
  }

  /// Characters a step, B * T.
  public int positions() {
    return batch * steps;
  }

  /// Whether the vectors of the vocabulary are multiplied with the first layer's input weight, instead of every
  /// position's.
  public boolean isFolded() {
    return symbols < positions();
  }

  /// Layers whose input is a vector at every position.
  public int vectorLayers() {
    return isFolded() ? layers - 1 : layers;
  }

  /// Operations a character of all matrix products, there and twice back, as the layers are written.
  public double writtenFlops() {
    return 3 * 2 * (layers * 8.0 * hidden * hidden + (double) hidden * symbols);
  }

  /// The same as computed, with the embedding folded.
  public double computedFlops() {
    double products = vectorLayers() * 4.0 * hidden * hidden + layers * 4.0 * hidden * hidden
        + (double) hidden * symbols;
    double table = isFolded() ? 4.0 * hidden * hidden * symbols / positions() : 0;
    return 3 * 2 * (products + table);
  }

  /// Elements of all parameters.
  public double parameters() {
    return 2.0 * symbols * hidden + symbols + layers * (8.0 * hidden * hidden + 4.0 * hidden);
  }

  /// Bytes that a layer's forward pass leaves for its backward pass: gates, `c`, `tanh(c)`, `h` and the outputs.
  public double savedBytes() {
    return 4.0 * layers * positions() * 8 * hidden;
  }

  /// Bytes that a step touches: what is saved, gradients of gates and outputs, logits with theirs, and four arrays of
  /// the size of the parameters.
  public double touchedBytes() {
    return savedBytes() + 4.0 * (positions() * (6.0 * hidden + 2.0 * symbols) + 4 * parameters());
  }

  @Override
  public String toString() {
    return layers + " layers of " + hidden + ", batch " + batch + ", " + steps + " steps, " + symbols + " symbols";
  }
}

package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.UserError;

import dev.rewind.nn.Block;
import dev.rewind.tensor.Rng;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/// What training a model takes at the least, estimated before anything is made.
///
/// @param parameters how many there are
/// @param activations how many numbers the backward pass of one window needs from the forward pass
/// @param largestWeight numbers of the largest matrix among the parameters
/// @param largestActivation numbers of the largest tensor among the activations
record MemoryNeed(double parameters, double activations, double largestWeight, double largestActivation) {
  /// A checkpoint copies the parameters and Adam's two running means of each, while the originals are kept.
  private static final int BYTES_OF_PARAMETER = 2 * 3 * Float.BYTES;

  /// The need of a model in training.
  static MemoryNeed of(ModelOptions model, int batch, int steps) {
    double symbols = model.symbols();
    double widest = Math.max(model.embedding(), model.hidden());
    double cells = cell(model.cell(), model.embedding(), model.hidden())
        + (model.layers() - 1.0) * cell(model.cell(), model.hidden(), model.hidden());
    // Each element of an input meets one number for each row of the input weight.
    double rows = cell(model.cell(), 2, model.hidden()) - cell(model.cell(), 1, model.hidden());
    double positions = (double) batch * steps;
    return new MemoryNeed(symbols * (model.embedding() + model.hidden() + 1.0) + cells,
        positions * (2 * symbols + model.layers() * (rows + model.hidden())),
        widest * Math.max(symbols, rows), positions * Math.max(symbols, rows));
  }

  /// How many parameters a cell has, of any kind and without making it: they are of the first degree in the input size
  /// and of the second in the hidden size, so that small cells tell.
  private static double cell(CellKind kind, int input, int hidden) {
    double one = parabola(hidden, h -> small(kind, 1, h));
    double two = parabola(hidden, h -> small(kind, 2, h));
    return one + (input - 1.0) * (two - one);
  }

  /// The value at `x` of the polynomial of degree 2 that has these values at 1, 2 and 3.
  private static double parabola(double x, IntToDoubleFunction values) {
    double first = values.applyAsDouble(1);
    double step = values.applyAsDouble(2) - first;
    double bend = values.applyAsDouble(3) - first - 2 * step;
    return first + (x - 1) * step + (x - 1) * (x - 2) / 2 * bend;
  }

  private static double small(CellKind kind, int input, int hidden) {
    return ((Block) kind.maker().make(input, hidden, Rng.of(0))).parameterCount();
  }

  /// Bytes for the parameters and all that is kept for each.
  double parameterBytes() {
    return parameters * BYTES_OF_PARAMETER;
  }

  /// Bytes for the activations.
  double activationBytes() {
    return activations * Float.BYTES;
  }

  /// @param heap the bytes that there may be
  /// @throws UserError if that is too little, or a tensor is longer than an array can be, with the options to change
  void requireFits(long heap) {
    boolean tooMuch = parameterBytes() + activationBytes() > heap;
    if (!tooMuch && Math.max(largestWeight, largestActivation) <= Integer.MAX_VALUE) {
      return;
    }
    boolean weights = tooMuch ? parameterBytes() > activationBytes() : largestWeight > largestActivation;
    String advice = weights ? "choose a smaller --hidden, --embedding or --layers"
        : "choose a smaller --batch or --steps";
    if (!tooMuch) {
      throw new UserError(
          String.format(Locale.ROOT, "the model has a tensor of %.3g numbers, an array at most 2^31 - 1; %s",
              Math.max(largestWeight, largestActivation), advice));
    }
    throw new UserError(String.format(Locale.ROOT,
        "training this model takes at least %s (%s for its %,.0f parameters, %s for "
            + "the activations of one window), but Java may use %s here; %s, or allow more by JDK_JAVA_OPTIONS=-Xmx...",
        size(parameterBytes() + activationBytes()), size(parameterBytes()), parameters, size(activationBytes()),
        size(heap),
        advice));
  }

  private static String size(double bytes) {
    return bytes < 999.5e6
        ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6) : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}

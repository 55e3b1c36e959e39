package dev.rewind.nn.fused;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/// [dev.rewind.nn.LayerNorm] in FLOAT32 as one operation, row by row, which keeps two numbers a row for the backward
/// pass. With `y` the normalised row, `d = g * weight`, n elements and the scale `s = 1 / sqrt(variance + epsilon)`:
///
/// ```
/// dx = s * (d - sum(d) / n - y * sum(d * y) / n)
/// ```
///
/// The gradients of gain and bias are added up within blocks of rows, whose number depends on the sizes alone, then
/// over blocks.
///
/// @param rows how many
/// @param size of a row
/// @param means of the rows
/// @param scales of the rows
public record FusedLayerNorm(int rows, int size, double epsilon, float[] means, float[] scales) {
  private static final int TASK = 1 << 14; // elements below which a further task does not pay

  /// Whether the operation serves.
  public static boolean serves(Variable x, Variable weight) {
    return x.dtype() == DType.FLOAT32 && weight.dtype() == DType.FLOAT32 && x.value().elements() > 0;
  }

  /// @param x `[.., size]`
  /// @param weight `[size]`
  /// @param bias `[size]`
  /// @param composite the same of operations that can be differentiated again
  public static Variable run(Variable x, Variable weight, Variable bias, double epsilon, Supplier<Variable> composite) {
    int size = weight.size(0);
    int rows = x.value().elements() / size;
    FusedLayerNorm norm = new FusedLayerNorm(rows, size, epsilon, new float[rows], new float[rows]);
    Tensor y = Tensor.zeros(DType.FLOAT32, x.shape());
    norm.forward(Rows.of(x.value()), Rows.of(weight.value()), Rows.of(bias.value()), RawAccess.floats(y));
    return Op.recordFused("layer norm", List.of(y), List.of(x, weight, bias),
        g -> norm.backward(x, weight, g.getFirst()), () -> List.of(composite.get())).getFirst();
  }

  /// Rows of a task.
  private int perTask() {
    return Math.max(1, TASK / size);
  }

  private void forward(Rows x, Rows weight, Rows bias, float[] y) {
    Rows.forEach(rows, perTask(), (from, to) -> {
      for (int row = from; row < to; row++) {
        int at = row * size;
        double mean = Floats.sum(x.array(), x.at(row), size) / size;
        means[row] = (float) mean;
        double variance = Floats.sumOfSquares(x.array(), x.at(row), mean, size) / size;
        scales[row] = (float) (1 / Math.sqrt(variance + epsilon));
        Floats.affine(x.array(), x.at(row), 1, -means[row], y, at, size);
        Floats.affine(y, at, scales[row], 0, y, at, size);
        Floats.times(y, at, weight.array(), weight.offset(), y, at, size);
        Floats.plus(y, at, bias.array(), bias.offset(), y, at, size);
      }
    });
  }

  private List<Variable> backward(Variable x, Variable weight, Variable gradient) {
    Tensor dx = Tensor.zeros(DType.FLOAT32, x.shape());
    Rows g = Rows.of(gradient.value());
    Rows values = Rows.of(x.value());
    Rows gains = Rows.of(weight.value());
    int tasks = (rows - 1) / perTask() + 1;
    float[] sums = new float[tasks * 2 * size]; // of every block: gradients of the gain, then of the bias
    Rows.forEach(rows, perTask(), (from, to) -> {
      int ofGain = from / perTask() * 2 * size;
      int ofBias = ofGain + size;
      float[] y = new float[size];
      float[] product = new float[size];
      for (int row = from; row < to; row++) {
        Floats.affine(values.array(), values.at(row), 1, -means[row], y, 0, size);
        Floats.affine(y, 0, scales[row], 0, y, 0, size);
        Floats.times(g.array(), g.at(row), y, 0, product, 0, size);
        Floats.plus(sums, ofGain, product, 0, sums, ofGain, size);
        Floats.plus(sums, ofBias, g.array(), g.at(row), sums, ofBias, size);
        inputGradient(row, g, gains, y, product, RawAccess.floats(dx));
      }
    });
    for (int task = 1; task < tasks; task++) {
      Floats.plus(sums, 0, sums, 2 * task * size, sums, 0, 2 * size);
    }
    Tensor both = Tensor.wrap(sums).slice(0, 0, 2 * size).reshape(2, size);
    Tape tape = gradient.tape();
    return List.of(tape.constant(dx), tape.constant(both.select(0, 0)), tape.constant(both.select(0, 1)));
  }

  /// The gradient of a row of the input.
  ///
  /// @param y the normalised row, which is written over
  /// @param product that of `y` and the gradient
  private void inputGradient(int row, Rows g, Rows weight, float[] y, float[] product, float[] dx) {
    int at = row * size;
    float along = (float) (Floats.sumOfProducts(product, 0, weight.array(), weight.offset(), size)
        / size);
    Floats.times(g.array(), g.at(row), weight.array(), weight.offset(), dx, at, size);
    float mean = (float) (Floats.sum(dx, at, size) / size);
    Floats.affine(y, 0, -along, -mean, y, 0, size);
    Floats.plus(dx, at, y, 0, dx, at, size);
    Floats.affine(dx, at, scales[row], 0, dx, at, size);
  }
}

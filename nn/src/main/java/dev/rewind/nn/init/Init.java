package dev.rewind.nn.init;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;

/// Initial values of weights, FLOAT32. A matrix is `[outputs, inputs]`.
public final class Init {
  private Init() {}

  /// Uniform over `[-limit, limit)`.
  public static Tensor uniform(Rng rng, double limit, int... sizes) {
    return Tensor.uniform(rng, DType.FLOAT32, -limit, limit, sizes);
  }

  /// Normal with mean 0.
  public static Tensor normal(Rng rng, double deviation, int... sizes) {
    return Tensor.normal(rng, DType.FLOAT32, 0, deviation, sizes);
  }

  /// The same number everywhere.
  public static Tensor constant(double value, int... sizes) {
    return Tensor.full(DType.FLOAT32, value, sizes);
  }

  /// Biases `[4 * hidden]` of an LSTM, zero but for those of the forget gate, the second block: 1 makes the cell
  /// remember from the start (Gers et al. 2000; Jozefowicz et al. 2015).
  public static Tensor forgetBias(double forget, int hidden) {
    Tensor biases = constant(0, 4 * hidden);
    biases.slice(0, hidden, 2 * hidden).fill(forget);
    return biases;
  }

  /// Uniform with limit `sqrt(6 / (inputs + outputs))` (Glorot and Bengio 2010): `[outputs, inputs]`.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1, here and below
  public static Tensor glorot(Rng rng, int outputs, int inputs) {
    requireSizes("glorot", outputs, inputs);
    return uniform(rng, Math.sqrt(6.0 / (inputs + outputs)), outputs, inputs);
  }

  /// Uniform with limit `sqrt(6 / inputs)`, for rectified units (He et al. 2015): `[outputs, inputs]`.
  public static Tensor he(Rng rng, int outputs, int inputs) {
    requireSizes("he", outputs, inputs);
    return uniform(rng, Math.sqrt(6.0 / inputs), outputs, inputs);
  }

  /// Rows, or columns if there are fewer of them, that are orthonormal (Saxe et al. 2014): Gram and Schmidt's process
  /// on normal draws, in double: `[outputs, inputs]`.
  public static Tensor orthogonal(Rng rng, int outputs, int inputs) {
    requireSizes("orthogonal", outputs, inputs);
    boolean wide = outputs <= inputs;
    int count = Math.min(outputs, inputs);
    int length = Math.max(outputs, inputs);
    double[][] rows = new double[count][length];
    for (int i = 0; i < count; i++) {
      rng.fillNormal(rows[i], 0, length, 0, 1);
      for (int pass = 0; pass < 2; pass++) { // the second pass removes what rounding left
        for (int j = 0; j < i; j++) {
          subtract(rows[i], rows[j], dot(rows[i], rows[j]));
        }
      }
      double norm = Math.sqrt(dot(rows[i], rows[i]));
      for (int j = 0; j < length; j++) {
        rows[i][j] /= norm;
      }
    }
    Tensor matrix = Tensor.of(rows).to(DType.FLOAT32).reshape(count, length);
    return wide ? matrix : matrix.transpose().contiguous();
  }

  private static void requireSizes(String operation, int outputs, int inputs) {
    if (outputs < 1 || inputs < 1) {
      throw new IllegalArgumentException(
          operation + ": wants at least 1 output and 1 input, not " + outputs + " and " + inputs);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum = Math.fma(a[i], b[i], sum);
    }
    return sum;
  }

  private static void subtract(double[] a, double[] b, double factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] -= factor * b[i];
    }
  }

  /// A block of rows for each gate, orthogonal each: `[gates * hidden, hidden]`.
  public static Tensor orthogonalGates(Rng rng, int gates, int hidden) {
    return Tensor.concat(0, IntStream.range(0, gates)
        .mapToObj(gate -> orthogonal(rng.split(gate), hidden, hidden)).toList());
  }
}

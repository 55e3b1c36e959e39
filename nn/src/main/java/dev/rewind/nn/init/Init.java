package dev.rewind.nn.init;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Initial values of weights, FLOAT32. A matrix is `[outputs, inputs]`. Those with sizes go with
/// [dev.rewind.nn.Block#initialize]: `model.initialize(".*weight_ih", rng, (draws, shape) -> Init.he(draws,
/// shape.sizes()))`.
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

  /// Normal with mean 0, drawn again where it is beyond two deviations, as Keras' and TensorFlow's of that name. The
  /// deviation is that before the cut; after it, 0.87962566 of that.
  public static Tensor truncatedNormal(Rng rng, double deviation, int... sizes) {
    double[] draws = Tensor.normal(rng, DType.FLOAT64, 0, deviation, sizes).toDoubles();
    for (int i = 0; i < draws.length; i++) {
      while (Math.abs(draws[i]) > 2 * deviation) {
        draws[i] = rng.nextNormal(0, deviation);
      }
    }
    return Tensor.wrap(draws, sizes).to(DType.FLOAT32);
  }

  // ---- by the size of a layer --------------------------------------------------------------------------------------

  /// How many connections of a unit a spread goes by. Of weights `[outputs, inputs, ..]`, the axes behind, such as the
  /// steps of a convolution, multiply both.
  public enum Fan {
    /// Inputs, PyTorch's `fan_in`: signals keep their variance forwards.
    IN,
    /// Outputs, `fan_out`: gradients keep theirs backwards.
    OUT,
    /// The mean of both, Keras' `fan_avg`.
    AVERAGE
  }

  /// Uniform with limit `gain * sqrt(3 / fan)`, so with deviation `gain / sqrt(fan)`: `[outputs, inputs, ..]`.
  ///
  /// @throws IllegalArgumentException if there are fewer than two sizes, or one is less than 1, here and below
  public static Tensor scaledUniform(Rng rng, double gain, Fan fan, int... sizes) {
    return uniform(rng, gain * Math.sqrt(3 / of("scaledUniform", fan, sizes)), sizes);
  }

  /// Normal with deviation `gain / sqrt(fan)`: `[outputs, inputs, ..]`.
  public static Tensor scaledNormal(Rng rng, double gain, Fan fan, int... sizes) {
    return normal(rng, gain / Math.sqrt(of("scaledNormal", fan, sizes)), sizes);
  }

  /// By how much a layer before this function must spread its weights more than one before none, for [#scaledUniform]
  /// and [#scaledNormal]: 1 for `linear` and `sigmoid`, 5/3 for `tanh`, `sqrt(2)` for `relu`, as PyTorch's
  /// `calculate_gain` says.
  ///
  /// @throws IllegalArgumentException if it is another
  public static double gain(String activation) {
    return switch (activation) {
      case "linear", "sigmoid" -> 1;
      case "tanh" -> 5.0 / 3;
      case "relu" -> leakyReluGain(0);
      default -> throw new IllegalArgumentException(
          "gain: '" + activation
              + "' is not linear, sigmoid, tanh or relu; for leakyRelu, use leakyReluGain(negativeSlope)");
    };
  }

  /// [#gain] of a leaky rectifier: `sqrt(2 / (1 + negativeSlope^2))`.
  public static double leakyReluGain(double negativeSlope) {
    return Math.sqrt(2 / (1 + negativeSlope * negativeSlope));
  }

  /// Uniform with limit `sqrt(6 / (inputs + outputs))` (Glorot and Bengio 2010), also known as Xavier's:
  /// `[outputs, inputs, ..]`.
  public static Tensor glorot(Rng rng, int... sizes) {
    return uniform(rng, Math.sqrt(3 / of("glorot", Fan.AVERAGE, sizes)), sizes);
  }

  /// Normal with deviation `sqrt(2 / (inputs + outputs))` (Glorot and Bengio 2010): `[outputs, inputs, ..]`.
  public static Tensor glorotNormal(Rng rng, int... sizes) {
    return normal(rng, Math.sqrt(1 / of("glorotNormal", Fan.AVERAGE, sizes)), sizes);
  }

  /// Uniform with limit `sqrt(6 / inputs)`, for rectified units (He et al. 2015), also known as Kaiming's:
  /// `[outputs, inputs, ..]`.
  public static Tensor he(Rng rng, int... sizes) {
    return uniform(rng, Math.sqrt(6 / of("he", Fan.IN, sizes)), sizes);
  }

  /// Normal with deviation `sqrt(2 / inputs)`, for rectified units (He et al. 2015): `[outputs, inputs, ..]`.
  public static Tensor heNormal(Rng rng, int... sizes) {
    return normal(rng, Math.sqrt(2 / of("heNormal", Fan.IN, sizes)), sizes);
  }

  /// Uniform with limit `sqrt(3 / inputs)` (LeCun et al. 1998): `[outputs, inputs, ..]`.
  public static Tensor lecun(Rng rng, int... sizes) {
    return uniform(rng, Math.sqrt(3 / of("lecun", Fan.IN, sizes)), sizes);
  }

  /// Normal with deviation `sqrt(1 / inputs)` (LeCun et al. 1998): `[outputs, inputs, ..]`.
  public static Tensor lecunNormal(Rng rng, int... sizes) {
    return normal(rng, Math.sqrt(1 / of("lecunNormal", Fan.IN, sizes)), sizes);
  }

  private static double of(String operation, Fan fan, int[] sizes) {
    if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          operation + ": wants sizes [outputs, inputs, ..] of at least 1, not " + Arrays.toString(sizes));
    }
    double behind = Arrays.stream(sizes).skip(2).asDoubleStream().reduce(1, (a, b) -> a * b);
    return behind * switch (fan) {
      case IN -> sizes[1];
      case OUT -> sizes[0];
      case AVERAGE -> ((double) sizes[0] + sizes[1]) / 2;
    };
  }

  // ---- for recurrent weights ---------------------------------------------------------------------------------------

  /// Biases `[4 * hidden]` of an LSTM, zero but for those of the forget gate, the second block: 1 makes the cell
  /// remember from the start (Gers et al. 2000; Jozefowicz et al. 2015).
  public static Tensor forgetBias(double forget, int hidden) {
    Tensor biases = constant(0, 4 * hidden);
    biases.slice(0, hidden, 2 * hidden).fill(forget);
    return biases;
  }

  /// Biases `[4 * hidden]` of an LSTM for dependencies of up to `longest` steps (Tallec and Ollivier 2018): `log u` of
  /// the forget gate, the second block, with `u` uniform over `[1, longest - 1)` for each unit, which then forgets
  /// within about `u` steps; `-log u` of the input gate, the first block; else 0.
  ///
  /// @throws IllegalArgumentException if `longest` is less than 3
  public static Tensor chronoBias(Rng rng, int longest, int hidden) {
    if (longest < 3) {
      throw new IllegalArgumentException("chronoBias: the longest dependency must be at least 3 steps, not " + longest);
    }
    Tensor forget = Tensor.uniform(rng, DType.FLOAT32, 1, longest - 1, hidden).log();
    return Tensor.concat(0, List.of(forget.negate(), forget, constant(0, 2 * hidden)));
  }

  /// A number on the diagonal, 0 elsewhere: `[outputs, inputs]`. As recurrent weights of rectified units, with 1, it
  /// keeps a state as it is (Le, Jaitly and Hinton 2015).
  public static Tensor identity(double gain, int outputs, int inputs) {
    of("identity", Fan.IN, new int[] {outputs, inputs});
    Tensor matrix = Tensor.eye(DType.FLOAT32, Math.max(outputs, inputs)).times(gain);
    return matrix.slice(0, 0, outputs).slice(1, 0, inputs).contiguous();
  }

  /// Rows, or columns if there are fewer of them, that are orthonormal (Saxe et al. 2014): Gram and Schmidt's process
  /// on normal draws, in double: `[outputs, inputs]`.
  public static Tensor orthogonal(Rng rng, int outputs, int inputs) {
    of("orthogonal", Fan.IN, new int[] {outputs, inputs});
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

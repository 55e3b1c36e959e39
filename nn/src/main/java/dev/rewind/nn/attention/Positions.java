package dev.rewind.nn.attention;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// Where vectors stand in a sequence, by waves whose lengths are a geometric sequence from 2 pi to 10000 * 2 pi.
public final class Positions {
  private static final double BASE = 10_000;

  private Positions() {}

  /// Vectors to be added to those of a sequence (Vaswani et al. 2017): element `2i` of vector `p` is
  /// `sin(p / 10000^(2i / size))`, element `2i + 1` the cosine of the same.
  ///
  /// @return FLOAT32 `[time, size]`
  /// @throws ShapeException if a size is negative
  public static Tensor sinusoidal(int time, int size) {
    float[] waves = new float[Math.multiplyExact(time, size)];
    for (int p = 0; p < time; p++) {
      for (int i = 0; i < size; i++) {
        double angle = angle(p, i / 2, size);
        waves[p * size + i] = (float) (i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
    }
    return Tensor.wrap(waves, time, size);
  }

  private static double angle(int position, int pair, int size) {
    return position / StrictMath.pow(BASE, 2.0 * pair / size);
  }

  /// Turns queries or keys by their places (Su et al. 2021): the elements `(a, b)` at `2i` and `2i + 1` of the vector
  /// at `p` become `(a cos w - b sin w, a sin w + b cos w)`, with `w = p / 10000^(2i / D)`. The product of a turned
  /// query and a turned key depends on how far they are apart, not on where they are.
  ///
  /// @param x `[.., T, D]`, D even
  /// @param from the place of the first vector
  /// @throws ShapeException if x has another shape
  public static Variable rotary(Variable x, int from) {
    if (x.rank() < 2 || x.size(-1) % 2 != 0) {
      throw new ShapeException("rotary: wants [.., T, D] with D even, not " + x.shape());
    }
    int time = x.size(-2);
    int pairs = x.size(-1) / 2;
    double[] cos = new double[time * pairs];
    double[] sin = new double[time * pairs];
    for (int p = 0; p < time; p++) {
      for (int i = 0; i < pairs; i++) {
        cos[p * pairs + i] = StrictMath.cos(angle(from + p, i, 2 * pairs));
        sin[p * pairs + i] = StrictMath.sin(angle(from + p, i, 2 * pairs));
      }
    }
    Variable c = x.tape().constant(Tensor.wrap(cos, time, pairs).to(x.dtype()));
    Variable s = x.tape().constant(Tensor.wrap(sin, time, pairs).to(x.dtype()));
    Variable a = x.slice(-1, 0, 2 * pairs, 2); // [.., T, D / 2]
    Variable b = x.slice(-1, 1, 2 * pairs, 2);
    List<Variable> turned = List.of(a.times(c).minus(b.times(s)), a.times(s).plus(b.times(c)));
    return Variable.stack(x.rank(), turned).reshape(x.shape());
  }
}

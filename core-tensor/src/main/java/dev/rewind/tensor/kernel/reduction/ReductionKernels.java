package dev.rewind.tensor.kernel.reduction;

import java.util.Arrays;

/// Folds of floats, whose bits depend on the order of the elements alone, not on the provider. Sums are of doubles: in
/// a chunk of 512, element `r` is added to lane `r % 16`; the lanes of a chunk are added pairwise, the chunks one after
/// another. So a sum of up to 2^31 floats, rounded to float, is within 0.51 units in the last place of the exact sum of
/// what is added, as long as its terms do not cancel.
public sealed class ReductionKernels permits VectorReductions {
  /// Sums of a chunk.
  public static final int LANES = 16;
  /// Elements after which the lanes are added up.
  public static final int CHUNK = 512;

  /// The sum of `n` elements that are `stride` apart.
  public double sum(float[] x, int xo, int stride, int n) {
    return sum(n, (sum, i) -> sum + x[xo + i * stride]);
  }

  /// The sum of `a[ao + i] * b[bo + i]` for `i` in `[0, n)`, of products rounded to float, by the same scheme.
  public double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    return sum(n, (sum, i) -> sum + a[ao + i] * b[bo + i]);
  }

  /// The sum of `(x[xo + i * stride] - centre)^2` for `i` in `[0, n)`, by the same scheme: distances rounded to double,
  /// squares added by fused operations.
  public double sumOfSquares(float[] x, int xo, int stride, int n, double centre) {
    return sum(n, (sum, i) -> {
      double distance = x[xo + i * stride] - centre;
      return Math.fma(distance, distance, sum);
    });
  }

  /// Adds `rows` rows of `n` elements, the beginnings of which are `step` apart, one after another to `sums[at ..]`.
  public void addRows(float[] x, int xo, int step, int rows, double[] sums, int at, int n) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        sums[at + j] += x[xo + r * step + j];
      }
    }
  }

  /// Writes to `sums[j]` the [#sum] of column `j` of `n` rows whose beginnings are `stride` apart. Lane by lane, so
  /// that each is read and written a few times in a chunk.
  ///
  /// @param lanes memory, of at least `LANES * columns` elements
  public void sumColumns(float[] x, int xo, int stride, int n, int columns, double[] lanes, double[] sums) {
    Arrays.fill(sums, 0, columns, 0);
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      Arrays.fill(lanes, 0);
      for (int lane = 0; lane < Math.min(LANES, m); lane++) {
        addRows(x, xo + (from + lane) * stride, LANES * stride, (m - lane - 1) / LANES + 1, lanes, lane * columns,
            columns);
      }
      for (int j = 0; j < columns; j++) {
        sums[j] += fold(lanes, j, columns);
      }
    }
  }

  /// The largest of `n >= 1` elements that are `stride` apart, as [Math#max(float, float)] orders them: NaN if there is
  /// one.
  public float max(float[] x, int xo, int stride, int n) {
    float found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.max(found, x[xo + i * stride]);
    }
    return found;
  }

  /// The smallest; see [#max].
  public float min(float[] x, int xo, int stride, int n) {
    float found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.min(found, x[xo + i * stride]);
    }
    return found;
  }

  /// The lanes at `from, from + step, ..`, added pairwise.
  public static double fold(double[] lanes, int from, int step) {
    double total = 0;
    for (int lane = 0; lane < LANES / 4; lane++) {
      double first = lanes[from + lane * step] + lanes[from + (lane + 8) * step];
      double second = lanes[from + (lane + 4) * step] + lanes[from + (lane + 12) * step];
      total += first + second;
    }
    return total;
  }

  /// Adds an element to a sum.
  public interface Term {
    /// The sum with element `i`.
    double addTo(double sum, int i);
  }

  /// A sum of `n` elements by this scheme: its definition.
  public static double sum(int n, Term term) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      Arrays.fill(lanes, 0);
      for (int i = from; i < Math.min(n, from + CHUNK); i++) {
        lanes[i % LANES] = term.addTo(lanes[i % LANES], i);
      }
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  /// The sum of squared distances of `n` doubles, `stride` apart, from a number; as for floats.
  public static double sumOfSquares(double[] x, int xo, int stride, int n, double centre) {
    return sum(n, (sum, i) -> {
      double distance = x[xo + i * stride] - centre;
      return Math.fma(distance, distance, sum);
    });
  }
}

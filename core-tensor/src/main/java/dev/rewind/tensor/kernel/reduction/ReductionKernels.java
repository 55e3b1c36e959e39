package dev.rewind.tensor.kernel.reduction;

/// Folds of floats, whose bits depend on the order of the elements alone, not on the provider. Sums are of doubles: in
/// a chunk of 512, element `r` is added to lane `r % 16`; the lanes of a chunk are added pairwise, the chunks one after
/// another. So a sum of up to 2^31 floats, rounded to float, is within 0.51 units in the last place of the exact sum of
/// what is added, as long as its terms do not cancel.
public interface ReductionKernels {
  /// Sums of a chunk.
  int LANES = 16;
  /// Elements after which the lanes are added up.
  int CHUNK = 512;

  /// The sum of `x[xo .. xo + n - 1]`.
  double sum(float[] x, int xo, int n);

  /// The sum of `n` elements that are `stride` apart.
  double sum(float[] x, int xo, int stride, int n);

  /// The sum of `a[ao + i] * b[bo + i]` for `i` in `[0, n)`, of products rounded to float, by the same scheme.
  double sumOfProducts(float[] a, int ao, float[] b, int bo, int n);

  /// The sum of `(x[xo + i] - centre)^2` for `i` in `[0, n)`, by the same scheme: distances rounded to double, squares
  /// added by fused operations.
  double sumOfSquares(float[] x, int xo, int n, double centre);

  /// [#sumOfSquares(float[], int, int, double)] of elements that are `stride` apart.
  double sumOfSquares(float[] x, int xo, int stride, int n, double centre);

  /// Adds `rows` rows of `n` elements, the beginnings of which are `step` apart, one after another to `sums[at ..]`.
  /// For sums of columns; see [ColumnSums].
  void addRows(float[] x, int xo, int step, int rows, double[] sums, int at, int n);

  /// As [#addRows], of squared distances from `centres[co ..]`.
  void addSquares(float[] x, int xo, int step, int rows, double[] centres, int co, double[] sums, int at, int n);

  /// The largest of `n >= 1` elements that are `stride` apart, as [Math#max(float, float)] orders them: NaN if there is
  /// one.
  float max(float[] x, int xo, int stride, int n);

  /// The smallest; see [#max].
  float min(float[] x, int xo, int stride, int n);

  /// Where, counted in elements, the first of `n` that equals a value is, or the first NaN if the value is NaN; both
  /// zeros are equal.
  ///
  /// @param value one of the elements
  int place(float[] x, int xo, int stride, int n, float value);

  /// The lanes at `from, from + step, ..`, added pairwise.
  static double fold(double[] lanes, int from, int step) {
    double total = 0;
    for (int lane = 0; lane < LANES / 4; lane++) {
      double first = lanes[from + lane * step] + lanes[from + (lane + 8) * step];
      double second = lanes[from + (lane + 4) * step] + lanes[from + (lane + 12) * step];
      total += first + second;
    }
    return total;
  }
}

package dev.rewind.tensor.kernel;

/// Folds of floats, whose bits depend on the order of the elements alone, not on the provider. Sums: in a chunk of 512,
/// element `r` is added to float lane `r % 16`; the lanes of a chunk are added pairwise in double, the chunks one after
/// another in double.
public interface FoldKernels {
  /// Float lanes of a chunk.
  int LANES = 16;
  /// Elements that are added in float before the sum goes on in double.
  int CHUNK = 512;

  /// The sum of `x[xo .. xo + n - 1]`.
  double sum(float[] x, int xo, int n);

  /// The sum of `n` elements that are `stride` apart.
  double sum(float[] x, int xo, int stride, int n);

  /// The sum of `a[ao + i] * b[bo + i]` for `i` in `[0, n)`, of products rounded to float, by the same scheme.
  double sumOfProducts(float[] a, int ao, float[] b, int bo, int n);

  /// `y[yo + j] =` the sum of column `j` of a matrix whose rows are `rowStride` apart: the same bits as [#sum] of the
  /// column.
  void sumColumns(float[] x, int xo, int rowStride, int rows, int columns, float[] y, int yo);

  /// The largest of `n >= 1` elements that are `stride` apart, as [Math#max(float, float)] orders them: NaN if there is one.
  float max(float[] x, int xo, int stride, int n);

  /// The smallest; see [#max].
  float min(float[] x, int xo, int stride, int n);

  /// Where, counted in elements, the first of `n` that equals a value is, or the first NaN if the value is NaN; both zeros
  /// are equal.
  ///
  /// @param value one of the elements
  int place(float[] x, int xo, int stride, int n, float value);
}

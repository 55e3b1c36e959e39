package dev.rewind.tensor.kernel.reduction;

/// The definitions of [ReductionKernels], without vectors.
public sealed class ScalarReductions implements ReductionKernels permits VectorReductions {
  @Override
  public double sum(float[] x, int xo, int stride, int n) {
    return ReductionKernels.sum(n, (sum, i) -> sum + x[xo + i * stride]);
  }

  @Override
  public double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    return ReductionKernels.sum(n, (sum, i) -> sum + a[ao + i] * b[bo + i]);
  }

  @Override
  public double sumOfSquares(float[] x, int xo, int stride, int n, double centre) {
    return ReductionKernels.sum(n, (sum, i) -> {
      double distance = x[xo + i * stride] - centre;
      return Math.fma(distance, distance, sum);
    });
  }

  @Override
  public void addRows(float[] x, int xo, int step, int rows, double[] sums, int at, int n) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        sums[at + j] += x[xo + r * step + j];
      }
    }
  }

  @Override
  public float max(float[] x, int xo, int stride, int n) {
    float found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.max(found, x[xo + i * stride]);
    }
    return found;
  }

  @Override
  public float min(float[] x, int xo, int stride, int n) {
    float found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.min(found, x[xo + i * stride]);
    }
    return found;
  }
}

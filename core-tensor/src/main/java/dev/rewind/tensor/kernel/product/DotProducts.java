package dev.rewind.tensor.kernel.product;

/// Products of few rows with a matrix B whose columns have unit stride, such as weights used transposed. The chain of
/// an element may not be split, so no vector runs along k; eight columns at a time are eight chains that do not wait
/// for each other.
final class DotProducts {
  private DotProducts() {}

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`; element `[p, j]` of B is `b[bo + p + j * bcs]`.
  static void multiply(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int bcs,
      float[] c, int co, int crs, boolean accumulate) {
    int j = 0;
    for (; j <= n - 8; j += 8) {
      for (int i = 0; i < m; i++) {
        eight(k, a, ao + i * ars, acs, b, bo + j * bcs, bcs, c, co + i * crs + j, accumulate);
      }
    }
    for (; j < n; j++) {
      for (int i = 0; i < m; i++) {
        int at = co + i * crs + j;
        c[at] = one(k, a, ao + i * ars, acs, b, bo + j * bcs, accumulate ? c[at] : 0);
      }
    }
  }

  private static float one(int k, float[] a, int ao, int acs, float[] b, int bo, float sum) {
    for (int p = 0; p < k; p++) {
      sum = Math.fma(a[ao + p * acs], b[bo + p], sum);
    }
    return sum;
  }

  private static void eight(int k, float[] a, int ao, int acs, float[] b, int bo, int bcs,
      float[] c, int co, boolean accumulate) {
    float c0 = accumulate ? c[co] : 0;
    float c1 = accumulate ? c[co + 1] : 0;
    float c2 = accumulate ? c[co + 2] : 0;
    float c3 = accumulate ? c[co + 3] : 0;
    float c4 = accumulate ? c[co + 4] : 0;
    float c5 = accumulate ? c[co + 5] : 0;
    float c6 = accumulate ? c[co + 6] : 0;
    float c7 = accumulate ? c[co + 7] : 0;
    for (int p = 0; p < k; p++) {
      float x = a[ao + p * acs];
      int at = bo + p;
      c0 = Math.fma(x, b[at], c0);
      c1 = Math.fma(x, b[at + bcs], c1);
      c2 = Math.fma(x, b[at + 2 * bcs], c2);
      c3 = Math.fma(x, b[at + 3 * bcs], c3);
      c4 = Math.fma(x, b[at + 4 * bcs], c4);
      c5 = Math.fma(x, b[at + 5 * bcs], c5);
      c6 = Math.fma(x, b[at + 6 * bcs], c6);
      c7 = Math.fma(x, b[at + 7 * bcs], c7);
    }
    c[co] = c0;
    c[co + 1] = c1;
    c[co + 2] = c2;
    c[co + 3] = c3;
    c[co + 4] = c4;
    c[co + 5] = c5;
    c[co + 6] = c6;
    c[co + 7] = c7;
  }
}

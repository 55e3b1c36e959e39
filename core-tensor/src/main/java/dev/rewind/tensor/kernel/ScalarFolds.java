package dev.rewind.tensor.kernel;

/// The definitions of [FoldKernels], in loops without vectors. [DoubleFolds] is the twin.
sealed class ScalarFolds implements FoldKernels permits VectorFolds {
  private static final int COLUMNS = 256;

  @Override
  public double sum(float[] x, int xo, int n) {
    double total = 0;
    float[] lanes = new float[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addTo(lanes, x, xo + from, Math.min(CHUNK, n - from));
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void addTo(float[] lanes, float[] x, int xo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += x[xo + i + lane];
      }
    }
    for (int lane = 0; i < n; i++, lane++) {
      lanes[lane] += x[xo + i];
    }
  }

  /// The lanes at `from, from + step, ..`, added pairwise.
  static double fold(float[] lanes, int from, int step) {
    double total = 0;
    for (int lane = 0; lane < LANES / 4; lane++) {
      double first = (double) lanes[from + lane * step] + lanes[from + (lane + 8) * step];
      double second = (double) lanes[from + (lane + 4) * step] + lanes[from + (lane + 12) * step];
      total += first + second;
    }
    return total;
  }

  @Override
  public double sum(float[] x, int xo, int stride, int n) {
    double total = 0;
    float[] block = new float[Math.min(CHUNK, n)];
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      FloatLoops.copy(x, xo + from * stride, stride, block, 0, 1, m);
      total += sum(block, 0, m);
    }
    return total;
  }

  @Override
  public double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    double total = 0;
    float[] lanes = new float[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addProductsTo(lanes, a, ao + from, b, bo + from, Math.min(CHUNK, n - from));
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void addProductsTo(float[] lanes, float[] a, int ao, float[] b, int bo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += a[ao + i + lane] * b[bo + i + lane];
      }
    }
    for (int lane = 0; i < n; i++, lane++) {
      lanes[lane] += a[ao + i] * b[bo + i];
    }
  }

  @Override
  public void sumColumns(float[] x, int xo, int rowStride, int rows, int columns, float[] y, int yo) {
    float[] lanes = new float[LANES * Math.min(columns, COLUMNS)];
    double[] totals = new double[Math.min(columns, COLUMNS)];
    for (int first = 0; first < columns; first += COLUMNS) {
      int width = Math.min(COLUMNS, columns - first);
      java.util.Arrays.fill(totals, 0);
      for (int from = 0; from < rows; from += CHUNK) {
        java.util.Arrays.fill(lanes, 0);
        int to = Math.min(rows, from + CHUNK);
        for (int r = from; r < to; r++) {
          addRow(lanes, r % LANES * width, x, xo + r * rowStride + first, width);
        }
        for (int j = 0; j < width; j++) {
          totals[j] += fold(lanes, j, width);
        }
      }
      for (int j = 0; j < width; j++) {
        y[yo + first + j] = (float) totals[j];
      }
    }
  }

  void addRow(float[] lanes, int at, float[] x, int xo, int n) {
    for (int j = 0; j < n; j++) {
      lanes[at + j] += x[xo + j];
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

  @Override
  public int place(float[] x, int xo, int stride, int n, float value) {
    int i = 0;
    while (x[xo + i * stride] != value && (value == value || x[xo + i * stride] == x[xo + i * stride])) {
      i++;
    }
    return i;
  }
}

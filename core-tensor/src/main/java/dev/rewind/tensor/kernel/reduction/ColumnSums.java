package dev.rewind.tensor.kernel.reduction;

import java.util.Arrays;

/// Sums of columns side by side, to which rows are added one after another: the bits of [ReductionKernels#sum] of each
/// column. The lanes of all columns stay in the nearest cache.
public final class ColumnSums {
  /// Columns that are added up together, at most.
  public static final int MOST = 128;
  private static final int LANES = ReductionKernels.LANES;
  private static final int CHUNK = ReductionKernels.CHUNK;

  private final ReductionKernels reductions;
  private final double[] lanes; // [LANES, columns]
  private final double[] totals; // [columns], of the chunks before
  private int columns;
  private int rows; // in the lanes

  /// Room for sums of up to [#MOST] columns, or as many as that number, if there will be fewer.
  public ColumnSums(ReductionKernels reductions, int most) {
    this.reductions = reductions;
    columns = Math.min(most, MOST);
    lanes = new double[LANES * columns];
    totals = new double[columns];
  }

  /// Begins with other columns.
  public void begin(int columns) {
    this.columns = columns;
    Arrays.fill(lanes, 0);
    Arrays.fill(totals, 0);
    rows = 0;
  }

  /// Adds `n` rows whose beginnings are `stride` apart.
  public void add(float[] x, int xo, int stride, int n) {
    inLanes(n,
        (row, count, lane) -> reductions.addRows(x, xo + row * stride, LANES * stride, count, lanes, lane, columns));
  }

  /// Adds `n` rows whose beginnings are `stride` apart.
  public void add(double[] x, int xo, int stride, int n) {
    inLanes(n,
        (row, count, lane) -> DoubleReductions.addRows(x, xo + row * stride, LANES * stride, count, lanes, lane,
            columns));
  }

  /// Adds the squared distances of `n` rows from a row of centres.
  public void addSquares(float[] x, int xo, int stride, int n, double[] centres) {
    inLanes(n,
        (row, count, lane) -> reductions.addSquares(x, xo + row * stride, LANES * stride, count, centres, 0, lanes,
            lane, columns));
  }

  /// Adds the squared distances of `n` rows from a row of centres.
  public void addSquares(double[] x, int xo, int stride, int n, double[] centres) {
    inLanes(n,
        (row, count, lane) -> DoubleReductions.addSquares(x, xo + row * stride, LANES * stride, count, centres, 0,
            lanes, lane, columns));
  }

  private interface Lane {
    /// Adds `count` rows, the first of which is `row`, each 16 after the one before, to the lane that begins at `lane`.
    void add(int row, int count, int lane);
  }

  /// Lane by lane, so that each is read and written a few times in a chunk; rows of a lane stay in their order.
  private void inLanes(int n, Lane lane) {
    for (int from = 0; from < n;) {
      int end = Math.min(n, from + CHUNK - rows);
      for (int row = from; row < Math.min(end, from + LANES); row++) {
        lane.add(row, (end - row - 1) / LANES + 1, (rows + row - from) % LANES * columns);
      }
      rows += end - from;
      from = end;
      endChunk();
    }
  }

  private void endChunk() {
    if (rows == CHUNK) {
      for (int j = 0; j < columns; j++) {
        totals[j] += ReductionKernels.fold(lanes, j, columns);
      }
      Arrays.fill(lanes, 0);
      rows = 0;
    }
  }

  /// Writes the sums of the rows added since the beginning, and begins again with the same columns.
  public void take(double[] sums) {
    for (int j = 0; j < columns; j++) {
      sums[j] = rows > 0 ? totals[j] + ReductionKernels.fold(lanes, j, columns) : totals[j];
    }
    begin(columns);
  }
}

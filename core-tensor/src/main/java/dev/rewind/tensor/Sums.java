package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.reduction.ColumnSums;
import dev.rewind.tensor.kernel.reduction.DoubleReductions;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.Arrays;

/// Sums of floating-point numbers and what is computed from them. All of it is done in double, by the scheme of
/// [ReductionKernels], until the result is rounded to the dtype. Lines are read in place; apart from the result there
/// is a constant number of sums for each thread.
enum Sums {
  /// The sum.
  SUM,
  /// The sum divided by the number of elements.
  MEAN,
  /// The mean squared distance from the mean.
  VARIANCE,
  /// The square root of the sum of squares.
  NORM;

  private static final int CHUNK = ReductionKernels.CHUNK;
  private static final int CHUNKS_PER_TASK = 64;
  private static final int FEW_LINES = 16;
  private static final double LEAST_NORM = 0x1p-480; // below it squares of doubles lose digits

  /// Writes the result for each line to `y`, which is contiguous, has as many elements as there are lines, and is of
  /// their dtype.
  void of(StridedIterator lines, Tensor y) {
    Addends addends = Addends.of(lines.source(), lines.stride());
    Storage out = y.storage();
    int n = lines.length();
    if (n == 0 || areLong(lines)) {
      for (int output = 0; output < lines.count(); output++) {
        out.set(output, result(n == 0 ? 0 : total(addends, lines.start(output), n, true), n));
      }
    } else if (lines.areTall()) {
      tall(addends, lines.start(0), lines.count(), n, out);
    } else if (lines.areColumns()) {
      lines.run((output, start, count) -> columns(addends, start, count, n, out, output));
    } else {
      lines.map(out, start -> result(total(addends, start, n, false), n));
    }
    if (this == NORM && out instanceof Storage.Doubles norms) {
      scaleNorms(lines, norms.array);
    }
  }

  /// Computes those norms again whose squares are out of the range of double. Squares of floats are within it.
  private static void scaleNorms(StridedIterator lines, double[] norms) {
    for (int output = 0; output < lines.count(); output++) {
      if (!(norms[output] >= LEAST_NORM && norms[output] < Double.POSITIVE_INFINITY)) {
        norms[output] = scaledNorm(lines, lines.start(output));
      }
    }
  }

  /// The norm of a line, computed with elements scaled to about 1 by a power of two.
  private static double scaledNorm(StridedIterator lines, int start) {
    double[] x = lines.source().doubles();
    double[] scaled = new double[lines.length()];
    double largest = 0;
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = x[start + i * lines.stride()];
      largest = Math.max(largest, Math.abs(scaled[i]));
    }
    if (!(largest > 0 && largest < Double.POSITIVE_INFINITY)) {
      return largest;
    }
    double scale = Math.scalb(1.0, -Math.getExponent(largest));
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scale;
    }
    return Math.sqrt(DoubleReductions.sumOfSquares(scaled, 0, scaled.length, 0)) / scale;
  }

  /// The sum of the squares of the elements of the only line.
  static double ofSquares(StridedIterator line) {
    int n = line.length();
    return n == 0 ? 0
        : NORM.total(Addends.of(line.source(), line.stride()), line.start(0), n, areLong(line));
  }

  private double result(double total, int n) {
    return switch (this) {
      case SUM -> total;
      case MEAN, VARIANCE -> total / n;
      case NORM -> Math.sqrt(total);
    };
  }

  /// Whether there are so few lines that each is worth splitting.
  private static boolean areLong(StridedIterator lines) {
    return lines.length() >= Rows.PARALLEL_ELEMENTS
        && (lines.count() == 1 || lines.count() < FEW_LINES && !lines.areColumns());
  }

  private double total(Addends addends, int start, int n, boolean shared) {
    return switch (this) {
      case SUM, MEAN -> sum(addends, start, n, shared);
      case VARIANCE -> sumOfSquares(addends, start, n, sum(addends, start, n, shared) / n, shared);
      case NORM -> sumOfSquares(addends, start, n, 0, shared);
    };
  }

  private static double sum(Addends addends, int start, int n, boolean shared) {
    return shared ? inChunks(n, (from, m) -> addends.sum(start + from * addends.stride(), m)) : addends.sum(start, n);
  }

  private static double sumOfSquares(Addends addends, int start, int n, double centre, boolean shared) {
    return shared ? inChunks(n, (from, m) -> addends.sumOfSquares(start + from * addends.stride(), m, centre))
        : addends.sumOfSquares(start, n, centre);
  }

  /// Adjacent lines, row by row.
  private void columns(Addends addends, int start, int columns, int n, Storage out, int output) {
    ColumnSums sums = new ColumnSums(Kernels.active().reductions(), columns);
    double[] totals = new double[Math.min(columns, ColumnSums.MOST)];
    for (int first = 0; first < columns; first += totals.length) {
      int width = Math.min(totals.length, columns - first);
      sums.begin(width);
      if (this != NORM) {
        addends.addTo(sums, start + first, n);
        sums.take(totals);
      }
      if (this == NORM || this == VARIANCE) {
        for (int j = 0; j < width; j++) {
          totals[j] = this == NORM ? 0 : totals[j] / n;
        }
        addends.addSquaresTo(sums, start + first, n, totals);
        sums.take(totals);
      }
      for (int j = 0; j < width; j++) {
        out.set(output + first + j, result(totals[j], n));
      }
    }
  }

  /// [#columns] of all lines, split into chunks of rows.
  private void tall(Addends addends, int start, int columns, int n, Storage out) {
    int stride = addends.stride();
    double[] totals = new double[columns];
    if (this != NORM) {
      totals = inChunks(columns, n, (sums, row, m, column) -> addends.addTo(sums, start + row * stride + column, m));
    }
    if (this == NORM || this == VARIANCE) {
      double[] centres = Arrays.stream(totals).map(total -> total / n).toArray();
      totals = inChunks(columns, n,
          (sums, row, m, column) -> addends.addSquaresTo(sums, start + row * stride + column, m,
              Arrays.copyOfRange(centres, column, columns)));
    }
    for (int j = 0; j < columns; j++) {
      out.set(j, result(totals[j], n));
    }
  }

  /// Adds `m` rows of some columns.
  private interface Strip {
    void addTo(ColumnSums sums, int row, int m, int column);
  }

  /// The sums of columns, chunk by chunk: the same additions in the same order as if all rows were added to one
  /// [ColumnSums].
  private static double[] inChunks(int columns, int n, Strip strip) {
    double[][] parts = new double[(n - 1) / CHUNK + 1][columns];
    ThreadPool.forEach(parts.length, chunk -> {
      ColumnSums sums = new ColumnSums(Kernels.active().reductions(), columns);
      double[] part = new double[Math.min(columns, ColumnSums.MOST)];
      for (int first = 0; first < columns; first += part.length) {
        int width = Math.min(part.length, columns - first);
        sums.begin(width);
        strip.addTo(sums, chunk * CHUNK, Math.min(CHUNK, n - chunk * CHUNK), first);
        sums.take(part);
        System.arraycopy(part, 0, parts[chunk], first, width);
      }
    });
    double[] totals = new double[columns];
    for (double[] part : parts) {
      for (int j = 0; j < columns; j++) {
        totals[j] += part[j];
      }
    }
    return totals;
  }

  /// The sum of a part of a line.
  private interface Part {
    double sum(int from, int n);
  }

  /// A sum over `n` elements whose chunks may be added up by several threads: the same additions in the same order as
  /// in one call of a fold kernel.
  private static double inChunks(int n, Part part) {
    double[] totals = new double[(n - 1) / CHUNK + 1];
    ThreadPool.forEach((totals.length - 1) / CHUNKS_PER_TASK + 1, task -> {
      int end = Math.min(totals.length, (task + 1) * CHUNKS_PER_TASK);
      for (int chunk = task * CHUNKS_PER_TASK; chunk < end; chunk++) {
        totals[chunk] = part.sum(chunk * CHUNK, Math.min(CHUNK, n - chunk * CHUNK));
      }
    });
    double total = 0;
    for (double chunk : totals) {
      total += chunk;
    }
    return total;
  }
}

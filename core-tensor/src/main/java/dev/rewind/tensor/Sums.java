package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;
import dev.rewind.tensor.kernel.thread.ThreadPool;

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
  private static final int COLUMNS = 128; // summed together at most: their lanes stay in the nearest cache
  private static final double LEAST_NORM = 0x1p-480; // below it squares of doubles lose digits

  /// Writes the result for each line to `y`, which is contiguous, has as many elements as there are lines, and is of
  /// their dtype.
  void of(StridedIterator lines, Tensor y) {
    Storage x = lines.source().storage();
    Storage out = y.storage();
    int n = lines.length();
    int stride = lines.stride();
    boolean onlySums = this == SUM || this == MEAN;
    if (n == 0 || areLong(lines)) {
      for (int output = 0; output < lines.count(); output++) {
        out.set(output, result(n == 0 ? 0 : total(x, lines.start(output), stride, n, true), n));
      }
    } else if (onlySums && lines.areColumns() && x.array() instanceof float[] floats) {
      columns(lines, floats, out);
    } else {
      lines.map(out, start -> result(total(x, start, stride, n, false), n));
    }
    if (this == NORM && out.array() instanceof double[] norms) {
      scaleNorms(lines, norms);
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
    return Math.sqrt(ReductionKernels.sumOfSquares(scaled, 0, 1, scaled.length, 0)) / scale;
  }

  /// The sum of the squares of the elements of the only line.
  static double ofSquares(StridedIterator line) {
    int n = line.length();
    return n == 0 ? 0 : NORM.total(line.source().storage(), line.start(0), line.stride(), n, areLong(line));
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

  /// Of the line that begins at `start`; `shared` out over threads.
  private double total(Storage x, int start, int stride, int n, boolean shared) {
    if (this == SUM || this == MEAN) {
      return inChunks(n, shared, (from, m) -> sum(x, start + from * stride, stride, m));
    }
    double centre = this == NORM ? 0 : SUM.total(x, start, stride, n, shared) / n;
    return inChunks(n, shared, (from, m) -> sumOfSquares(x, start + from * stride, stride, m, centre));
  }

  private static double sum(Storage x, int start, int stride, int n) {
    if (x.array() instanceof float[] floats) {
      return Kernels.active().reductions().sum(floats, start, stride, n);
    }
    double[] doubles = x.doubles();
    return ReductionKernels.sum(n, (sum, i) -> sum + doubles[start + i * stride]);
  }

  private static double sumOfSquares(Storage x, int start, int stride, int n, double centre) {
    return x.array() instanceof float[] floats
        ? Kernels.active().reductions().sumOfSquares(floats, start, stride, n, centre)
        : ReductionKernels.sumOfSquares(x.doubles(), start, stride, n, centre);
  }

  /// Adjacent lines, row by row.
  private void columns(StridedIterator lines, float[] x, Storage out) {
    int n = lines.length();
    lines.run((output, start, count) -> {
      double[] sums = new double[Math.min(count, COLUMNS)];
      double[] lanes = new double[ReductionKernels.LANES * sums.length];
      for (int first = 0; first < count; first += sums.length) {
        int width = Math.min(sums.length, count - first);
        Kernels.active().reductions().sumColumns(x, start + first, lines.stride(), n, width, lanes, sums);
        for (int j = 0; j < width; j++) {
          out.set(output + first + j, result(sums[j], n));
        }
      }
    });
  }

  /// The sum of a part of a line.
  private interface Part {
    double sum(int from, int n);
  }

  /// A sum over `n` elements whose chunks may be added up by several threads: the same additions in the same order as
  /// in one call of a kernel.
  private static double inChunks(int n, boolean shared, Part part) {
    if (!shared) {
      return part.sum(0, n);
    }
    double[] totals = new double[(n - 1) / CHUNK + 1];
    ThreadPool.forRanges(totals.length, CHUNKS_PER_TASK, (first, end) -> {
      for (int chunk = first; chunk < end; chunk++) {
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

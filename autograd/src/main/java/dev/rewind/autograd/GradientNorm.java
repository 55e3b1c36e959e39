package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The norm of all elements, computed when first asked for, and again if a tensor was changed since. Squares of
/// blocks of a size of their own are shared out over threads and added in order.
final class GradientNorm {
  private static final int BLOCK = 1 << 15;
  private static final double LEAST_SQUARES = 0x1p-960; // below it squares of doubles lose digits

  private record Found(double value, long versions) {}

  private final Map<Param, Gradient> gradients;
  private volatile Found found;

  GradientNorm(Map<Param, Gradient> gradients) {
    this.gradients = gradients;
  }

  double get() {
    long versions = gradients.values().stream().mapToLong(g -> g.values().version()).sum();
    Found known = found;
    if (known == null || known.versions != versions) {
      known = new Found(compute(), versions);
      found = known;
    }
    return known.value;
  }

  private double compute() {
    List<Tensor> blocks = new ArrayList<>();
    for (Gradient gradient : gradients.values()) {
      Tensor row = gradient.values().reshape(gradient.values().elements());
      for (int from = 0; from < row.elements(); from += BLOCK) {
        blocks.add(row.slice(0, from, Math.min(row.elements() - from, BLOCK) + from));
      }
    }
    double[] sums = new double[blocks.size()];
    if (blocks.stream().mapToLong(Tensor::elements).sum() <= 2 * BLOCK) {
      Arrays.setAll(sums, i -> blocks.get(i).sumOfSquares());
    } else {
      Threads.forEach(sums.length, i -> sums[i] = blocks.get(i).sumOfSquares());
    }
    double sum = Arrays.stream(sums).sum();
    return sum >= LEAST_SQUARES && sum < Double.POSITIVE_INFINITY ? Math.sqrt(sum) : normOfNorms(blocks);
  }

  /// The same where squares are out of the range of double.
  private static double normOfNorms(List<Tensor> blocks) {
    double[] norms = blocks.stream().mapToDouble(block -> block.to(DType.FLOAT64).norm().item()).toArray();
    return Tensor.of(norms).norm().item();
  }
}

package dev.rewind.testing;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.data.Offset;

/// Assertions on a tensor. A failure shows the elements that are farthest off.
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
  private static final int SHOWN = 5;

  TensorAssert(Tensor actual) {
    super(actual, TensorAssert.class);
  }

  /// That the tensor has this shape; no sizes are that of a scalar.
  public TensorAssert hasShape(int... sizes) {
    isNotNull();
    if (!Arrays.equals(actual.shape().sizes(), sizes)) {
      failWithMessage("expected a tensor of shape %s, it is %s %s", Arrays.toString(sizes), actual.dtype(),
          actual.shape());
    }
    return this;
  }

  /// That the tensor has this dtype.
  public TensorAssert hasDType(DType dtype) {
    isNotNull();
    if (actual.dtype() != dtype) {
      failWithMessage("expected a tensor of %s, it is %s %s", dtype, actual.dtype(), actual.shape());
    }
    return this;
  }

  /// That no element is NaN or infinite.
  public TensorAssert isFinite() {
    isNotNull();
    double[] values = actual.to(DType.FLOAT64).toDoubles();
    int[] bad = IntStream.range(0, values.length).filter(i -> !Double.isFinite(values[i])).toArray();
    if (bad.length > 0) {
      failWithMessage("%s of %s elements are not finite, the first at %s: %s", bad.length, values.length,
          Arrays.toString(actual.shape().index(bad[0])), values[bad[0]]);
    }
    return this;
  }

  /// That the tensor has these elements, row by row, each within an offset.
  public TensorAssert hasElements(Offset<Double> offset, double... expected) {
    isNotNull();
    if (expected.length != actual.elements()) {
      failWithMessage("expected %s elements, the tensor %s has %s", expected.length, actual.shape(),
          actual.elements());
    }
    return isCloseTo(Tensor.of(expected, actual.shape().sizes()).to(actual.dtype()), offset);
  }

  /// That the tensor has dtype and shape of another, and each element is within an offset of its own. NaN is close to
  /// NaN.
  public TensorAssert isCloseTo(Tensor expected, Offset<Double> offset) {
    return isCloseTo(expected, 0, offset.value);
  }

  /// The same with a tolerance of `relative` times the expected element in addition.
  public TensorAssert isCloseTo(Tensor expected, double relative, double absolute) {
    isNotNull();
    if (!actual.allClose(expected, relative, absolute)) {
      String table = actual.shape().equals(expected.shape()) ? table(expected) : "";
      failWithMessage("%s", actual.describeDifference(expected, relative, absolute) + table);
    }
    return this;
  }

  /// The elements that are farthest apart.
  private String table(Tensor expected) {
    double[] a = actual.to(DType.FLOAT64).toDoubles();
    double[] e = expected.to(DType.FLOAT64).toDoubles();
    List<Integer> worst = IntStream.range(0, a.length).boxed().filter(i -> Double.compare(a[i], e[i]) != 0)
        .sorted(Comparator.comparing(i -> -Math.abs(a[i] - e[i]))).limit(SHOWN).toList();
    StringBuilder text = new StringBuilder(
        String.format(Locale.ROOT, "%n%-12s %24s %24s %12s", "index", "actual", "expected", "difference"));
    worst.forEach(i -> text.append(String.format(Locale.ROOT, "%n%-12s %24s %24s %12.3g",
        Arrays.toString(actual.shape().index(i)), a[i], e[i], a[i] - e[i])));
    return text.toString();
  }
}

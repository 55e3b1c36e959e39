package dev.rewind.tensor.property;

import static dev.rewind.tensor.property.Elements.assertClose;
import static dev.rewind.tensor.property.Elements.assertSame;
import static dev.rewind.tensor.property.Elements.build;
import static dev.rewind.tensor.property.Elements.indices;
import static dev.rewind.tensor.property.Elements.with;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;

/// Reductions over any set of axes, and scans along one, against sums in double over the same elements.
class ReductionLawsTest extends Laws {
  /// A reduction of all elements along some axes.
  private record Case(Tensor x, int[] axes) {
    static Case of(Operand operand, int bits) {
      int rank = operand.sizes().size();
      int[] axes = IntStream.range(0, rank).filter(axis -> (bits >> axis & 1) == 1).toArray();
      return new Case(operand.tensor(), axes.length == 0 ? IntStream.range(0, rank).toArray() : axes);
    }

    boolean reduces(int axis) {
      return Arrays.stream(axes).anyMatch(a -> a == axis);
    }

    /// What `f` makes of the elements behind each element of the result, whose reduced axes stay with size 1.
    Tensor keeping(DType dtype, ToDoubleFunction<double[]> f) {
      int[] sizes = x.shape().sizes();
      int[] kept = sizes.clone();
      int[] inner = sizes.clone();
      for (int axis = 0; axis < sizes.length; axis++) {
        (reduces(axis) ? kept : inner)[axis] = 1;
      }
      return build(dtype, kept,
          outer -> f.applyAsDouble(indices(inner).stream()
              .mapToDouble(index -> x.at(IntStream.range(0, sizes.length).map(a -> outer[a] + index[a]).toArray()))
              .toArray()));
    }

    Tensor dropping(DType dtype, ToDoubleFunction<double[]> f) {
      Tensor result = keeping(dtype, f);
      for (int axis = axes.length - 1; axis >= 0; axis--) {
        result = result.squeeze(axes[axis]);
      }
      return result;
    }

    double tolerance() {
      return x.dtype() == DType.FLOAT32 ? 2e-6 : 1e-13;
    }

    void check(String name, Tensor dropped, Tensor kept, ToDoubleFunction<double[]> f, double absolute) {
      assertClose(name, dropped, dropping(x.dtype(), f), tolerance(), absolute);
      assertClose(name + "Keeping", kept, keeping(x.dtype(), f), tolerance(), absolute);
    }
  }

  private static Operand tame(Operand operand) {
    return new Operand(operand.dtype(), operand.sizes(), operand.view(), false, operand.seed());
  }

  @Law
  void sum(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    double absolute = c.tolerance() * 1e-1 * Math.max(1, c.x.elements()); // of sums that cancel
    c.check("sum", c.x.sum(c.axes), c.x.sumKeepDims(c.axes), v -> Arrays.stream(v).sum(), absolute);
    assertClose("sumOfSquares", Tensor.scalar(c.x.sumOfSquares()),
        Tensor.scalar(indices(c.x.shape().sizes()).stream().mapToDouble(i -> c.x.at(i) * c.x.at(i)).sum()),
        c.tolerance(), 0);
  }

  @Law
  void sumOfIntegers(@ForAll("any") Operand operand, @ForAll int bits) {
    Case c = Case.of(operand.with(DType.INT32), bits);
    c.check("sum", c.x.sum(c.axes), c.x.sumKeepDims(c.axes), v -> Arrays.stream(v).sum(), 0);
  }

  @Law
  void mean(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    c.check("mean", c.x.mean(c.axes), c.x.meanKeepDims(c.axes), ReductionLawsTest::mean, c.tolerance());
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  @Law
  void variance(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    c.check("variance", c.x.variance(c.axes), c.x.varianceKeepDims(c.axes), values -> {
      double mean = mean(values);
      return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    }, 20 * c.tolerance());
  }

  @Law
  void std(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    assertSame("std", c.x.std(c.axes), c.x.variance(c.axes).sqrt());
  }

  @Law
  void unbiasedVariance(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    Assume.that(c.x.elements() > 0);
    assertClose("unbiasedVariance", c.x.unbiasedVariance(c.axes), c.dropping(c.x.dtype(), values -> {
      double mean = mean(values);
      return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
    }), c.tolerance(), 40 * c.tolerance());
  }

  @Law
  void max(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(operand, bits);
    Assume.that(c.x.elements() > 0);
    ToDoubleFunction<double[]> largest = values -> Arrays.stream(values).reduce(Double.NEGATIVE_INFINITY, Math::max);
    ToDoubleFunction<double[]> least = values -> Arrays.stream(values).reduce(Double.POSITIVE_INFINITY, Math::min);
    assertSame("max", c.x.max(c.axes), c.dropping(c.x.dtype(), largest));
    assertSame("maxKeepDims", c.x.maxKeepDims(c.axes), c.keeping(c.x.dtype(), largest));
    assertSame("min", c.x.min(c.axes), c.dropping(c.x.dtype(), least));
    assertSame("minKeepDims", c.x.minKeepDims(c.axes), c.keeping(c.x.dtype(), least));
  }

  @Law
  void argmax(@ForAll("floatingAxes") Operand operand, @ForAll int bits) {
    int axis = Math.floorMod(bits, operand.sizes().size());
    Case c = new Case(operand.tensor(), new int[] {axis});
    Assume.that(c.x.elements() > 0);
    assertSame("argmax", c.x.argmax(axis), c.dropping(DType.INT32, values -> firstExtreme(values, 1)));
    assertSame("argmin", c.x.argmin(axis), c.dropping(DType.INT32, values -> firstExtreme(values, -1)));
  }

  private static int firstExtreme(double[] values, int sign) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (!Double.isNaN(values[best]) && (Double.isNaN(values[i]) || sign * values[i] > sign * values[best])) {
        best = i;
      }
    }
    return best;
  }

  @Law
  void any(@ForAll("booleans") Operand operand, @ForAll int bits) {
    Case c = Case.of(operand, bits);
    assertSame("any", c.x.any(c.axes), c.dropping(DType.BOOL, v -> Arrays.stream(v).sum()));
    assertSame("anyKeepDims", c.x.anyKeepDims(c.axes), c.keeping(DType.BOOL, v -> Arrays.stream(v).sum()));
    assertSame("allKeepDims", c.x.allKeepDims(c.axes),
        c.keeping(DType.BOOL, v -> Arrays.stream(v).allMatch(e -> e != 0) ? 1 : 0));
    assertSame("all", c.x.all(c.axes), c.dropping(DType.BOOL, v -> Arrays.stream(v).allMatch(e -> e != 0) ? 1 : 0));
  }

  @Law
  void norm(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    c.check("norm", c.x.norm(c.axes), c.x.normKeepDims(c.axes),
        v -> Math.sqrt(Arrays.stream(v).map(e -> e * e).sum()), 0);
  }

  @Law
  void logSumExp(@ForAll("floating") Operand operand, @ForAll int bits) {
    Case c = Case.of(tame(operand), bits);
    Assume.that(c.x.elements() > 0);
    c.check("logSumExp", c.x.logSumExp(c.axes), c.x.logSumExpKeepDims(c.axes),
        v -> Math.log(Arrays.stream(v).map(Math::exp).sum()), c.tolerance());
  }

  // ---- along one axis -----------------------------------------------------------------------------------------------

  @Law
  void softmax(@ForAll("floatingAxes") Operand operand, @ForAll int bits) {
    int axis = Math.floorMod(bits, operand.sizes().size());
    Case c = new Case(tame(operand).tensor(), new int[] {axis});
    Tensor sums = c.keeping(DType.FLOAT64, v -> Arrays.stream(v).map(Math::exp).sum());
    Tensor expected = build(DType.FLOAT64, operand.shape(),
        index -> Math.exp(c.x.at(index)) / sums.at(with(index, axis, 0)));
    assertClose("softmax", c.x.softmax(axis).to(DType.FLOAT64), expected, 2 * c.tolerance(), 0);
    assertClose("logSoftmax", c.x.logSoftmax(axis).to(DType.FLOAT64),
        build(DType.FLOAT64, operand.shape(), index -> Math.log(expected.at(index))), c.tolerance(), 3 * c.tolerance());
  }

  @Law
  void logSoftmax(@ForAll("floatingAxes") Operand operand) {
    Tensor huge = tame(operand).tensor().times(1e4);
    Tensor result = huge.logSoftmax(-1);
    for (int[] index : indices(operand.shape())) {
      org.assertj.core.api.Assertions.assertThat(result.at(index)).isFinite().isLessThanOrEqualTo(0);
    }
  }

  /// Against the derivative's definition, `g` times the matrix of derivatives, over each line of an axis.
  @Law
  void softmaxBackward(@ForAll("floatingAxes") Operand operand, @ForAll int bits) {
    int axis = Math.floorMod(bits, operand.sizes().size());
    Tensor g = tame(operand).tensor();
    Tensor y = Tensor.uniform(Rng.of(bits), g.dtype(), -1, 1, operand.shape());
    Tensor expected = build(DType.FLOAT64, operand.shape(), index -> IntStream.range(0, operand.sizes().get(axis))
        .mapToDouble(j -> g.at(with(index, axis, j)) * y.at(index)
            * ((j == index[axis] ? 1 : 0) - y.at(with(index, axis, j))))
        .sum());
    double tolerance = (g.dtype() == DType.FLOAT32 ? 1e-5 : 1e-13) * 5;
    assertClose("softmaxBackward", RawAccess.softmaxBackward(g, y, axis).to(DType.FLOAT64), expected, tolerance,
        tolerance);
  }

  @Law
  void logSoftmaxBackward(@ForAll("floatingAxes") Operand operand, @ForAll int bits) {
    int axis = Math.floorMod(bits, operand.sizes().size());
    Tensor g = tame(operand).tensor();
    Tensor y = Tensor.uniform(Rng.of(bits), g.dtype(), -3, 0, operand.shape());
    Tensor expected = build(DType.FLOAT64, operand.shape(), index -> g.at(index) - Math.exp(y.at(index))
        * IntStream.range(0, operand.sizes().get(axis)).mapToDouble(j -> g.at(with(index, axis, j))).sum());
    double tolerance = (g.dtype() == DType.FLOAT32 ? 1e-5 : 1e-13) * 5;
    assertClose("logSoftmaxBackward", RawAccess.logSoftmaxBackward(g, y, axis).to(DType.FLOAT64), expected, tolerance,
        tolerance);
  }

  @Law
  void cumsum(@ForAll("floatingAxes") Operand operand, @ForAll int bits) {
    int axis = Math.floorMod(bits, operand.sizes().size());
    Tensor x = tame(operand).tensor();
    double tolerance = x.dtype() == DType.FLOAT32 ? 1e-5 : 1e-13;
    assertClose("cumsum", x.cumsum(axis),
        build(x.dtype(), operand.shape(),
            index -> IntStream.rangeClosed(0, index[axis]).mapToDouble(i -> x.at(with(index, axis, i))).sum()),
        tolerance, tolerance);
    assertClose("cumsumReverse", x.cumsumReverse(axis),
        build(x.dtype(), operand.shape(),
            index -> IntStream.range(index[axis], operand.sizes().get(axis))
                .mapToDouble(i -> x.at(with(index, axis, i))).sum()),
        tolerance, tolerance);
  }
}

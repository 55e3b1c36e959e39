package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What an operation leaves out has no gradient, of any order, whatever comes back to it: an infinite one is no NaN
/// there.
class SelectedGradientsTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /// An operation that leaves out the elements of `x` where `left` is true.
  private record Selection(UnaryOperator<Variable> f, double[] x, boolean[] left) {}

  private static Variable zeros(Variable like) {
    return like.tape().constant(Tensor.zeros(like.dtype(), like.shape()));
  }

  private static Map<String, Selection> selections() {
    Map<String, Selection> all = new LinkedHashMap<>();
    boolean[] firstTwo = {true, true, false};
    all.put("relu", new Selection(Variable::relu, new double[] {-1, 0, 2}, firstTwo));
    all.put("clamp from below", new Selection(x -> x.clamp(0, 5), new double[] {-1, -3, 2}, firstTwo));
    all.put("clamp from above", new Selection(x -> x.clamp(-5, 0).negate(), new double[] {1, 3, -2}, firstTwo));
    all.put("maximum, left", new Selection(x -> x.maximum(zeros(x)), new double[] {-1, -3, 2}, firstTwo));
    all.put("maximum, right", new Selection(x -> zeros(x).maximum(x), new double[] {-1, -3, 2}, firstTwo));
    all.put("minimum, left", new Selection(x -> x.minimum(zeros(x)).negate(), new double[] {1, 3, -2}, firstTwo));
    all.put("minimum, right", new Selection(x -> zeros(x).minimum(x).negate(), new double[] {1, 3, -2}, firstTwo));
    all.put("max of all", new Selection(Variable::max, new double[] {-1, -3, 0}, firstTwo));
    all.put("max of an axis", new Selection(x -> x.max(0), new double[] {-1, -3, 0}, firstTwo));
    all.put("maxKeepDims", new Selection(x -> x.maxKeepDims(0), new double[] {-1, -3, 0}, firstTwo));
    all.put("min of all", new Selection(Variable::min, new double[] {1, 3, 0}, firstTwo));
    all.put("minKeepDims", new Selection(x -> x.minKeepDims(0), new double[] {1, 3, 0}, firstTwo));
    all.put("abs", new Selection(Variable::abs, new double[] {0, -0.0, 2}, firstTwo));
    all.put("where", new Selection(
        x -> Variable.where(Tensor.of(firstTwo), zeros(x), x), new double[] {-1, 3, 2}, firstTwo));
    all.put("pow by a number", new Selection(
        x -> Variable.concat(0, List.of(x.slice(0, 0, 2).pow(0), x.slice(0, 2, 3))), new double[] {0, -1, 2},
        firstTwo));
    all.put("norm", new Selection(Variable::norm, new double[] {0, 0, 0}, new boolean[] {true, true, true}));
    return all;
  }

  /// Functions whose derivative at 0 is infinite.
  private static Map<String, UnaryOperator<Variable>> steep() {
    Map<String, UnaryOperator<Variable>> all = new LinkedHashMap<>();
    all.put("sqrt", Variable::sqrt);
    all.put("log", Variable::log);
    all.put("reciprocal", Variable::reciprocal);
    all.put("pow 0.5", x -> x.pow(0.5));
    all.put("pow variable", x -> x.pow(x.tape().constant(Tensor.full(x.dtype(), 0.5, x.shape()))));
    all.put("times infinity", x -> x.times(INFINITY));
    return all;
  }

  static Stream<Arguments> cases() {
    return selections().entrySet().stream()
        .flatMap(selection -> steep().entrySet().stream()
            .flatMap(behind -> Stream.of(DType.FLOAT32, DType.FLOAT64).map(dtype -> Arguments.of(
                selection.getKey() + ", " + behind.getKey() + ", " + dtype, selection.getValue(), behind.getValue(),
                dtype))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void whatIsLeftOutHasNoGradientOfAnyOrder(
      String name, Selection selection, UnaryOperator<Variable> behind, DType dtype) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(selection.x).to(dtype));
      Variable derivative = behind.apply(selection.f.apply(x)).sum();
      for (int order = 1; order <= 3 && derivative.isTracked(); order++) {
        derivative = tape.differentiate(derivative.sum(), x);
        assertThat(derivative.value().maskedSelect(Tensor.of(selection.left)).toDoubles()).as("order %d", order)
            .containsOnly(0);
      }
    }
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(selection.x).to(dtype));
      Tensor plain = tape.gradients(behind.apply(selection.f.apply(x)).sum()).of(x);
      assertThat(plain.maskedSelect(Tensor.of(selection.left)).toDoubles()).containsOnly(0);
    }
  }

  @Test
  void theDeviationOfConstantRowsHasNoGradient() {
    Tensor rows = Tensor.of(new float[][] {{0.1f, 0.1f, 0.1f}, {1, 2, 4}});
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(rows);
      Variable variance = x.square().mean(1).minus(x.mean(1).square());
      Tensor gradient = tape.gradients(variance.minus(1e-6).relu().sqrt().sum()).of(x);
      assertThat(gradient.select(0, 0).toFloats()).containsOnly(0);
      assertThat(gradient.select(0, 1).allClose(Tensor.of(new float[] {-0.3563f, -0.0891f, 0.4454f}), 1e-3, 0))
          .isTrue();
    }
  }

  @Test
  void equalElementsShareTheGradientEvenly() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {2, -1, 2, 2}));
      Variable y = tape.watch(Tensor.of(new double[] {2, 3, 1, 2}));
      Variable z = tape.watch(Tensor.of(new double[] {0, 5, 5, 0}));
      Variable sum = x.max().plus(z.min().times(10)).plus(x.maximum(y).times(100).sum())
          .plus(x.minimum(y).times(1000).sum());
      Gradients gradients = tape.gradients(sum);
      double third = 1.0 / 3;
      assertThat(gradients.of(x)).isEqualTo(Tensor.of(new double[] {550 + third, 1000, 100 + third, 550 + third}));
      assertThat(gradients.of(y)).isEqualTo(Tensor.of(new double[] {550, 100, 1000, 550}));
      assertThat(gradients.of(z)).isEqualTo(Tensor.of(new double[] {5, 0, 0, 5}));
    }
  }

  @Test
  void whatIsNotANumberIsNotHidden() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[][] {{1, Double.NaN}, {1, 2}}));
      Tensor gradient = tape.gradients(x.max(1).plus(x.min(1)).sum()).of(x);
      assertThat(gradient).isEqualTo(Tensor.of(new double[][] {{Double.NaN, Double.NaN}, {1, 1}}));
    }
  }
}

package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArithmeticTest {
  private static Tensor normal(DType dtype, int... sizes) {
    return Tensor.normal(Rng.of(3).split(sizes.length), dtype, 0, 1, sizes);
  }

  /// An operation of two tensors against its definition element by element, over broadcasting and strides.
  private static void two(BinaryOperator<Tensor> operation, DoubleBinaryOperator definition) {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      Tensor[][] pairs = {
          {normal(dtype, 3, 5), normal(dtype, 4, 3, 5).select(0, 2)}, {normal(dtype, 3, 5), normal(dtype, 5)},
          {normal(dtype, 3, 1), normal(dtype, 2, 1, 5)}, {normal(dtype, 5, 3).transpose(), normal(dtype, 3, 5)},
          {normal(dtype, 3, 5).flip(1), normal(dtype, 1, 1).squeeze(0).squeeze(0)},
          {normal(dtype, 0, 5), normal(dtype, 1)},
          {normal(dtype, 70_001), normal(dtype, 70_001)}
      };
      for (Tensor[] pair : pairs) {
        Tensor result = operation.apply(pair[0], pair[1]);
        Tensor a = pair[0].expand(result.shape()).copy();
        Tensor b = pair[1].expand(result.shape()).copy();
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double[] z = result.toDoubles();
        for (int i = 0; i < z.length; i++) {
          double expected = definition.applyAsDouble(x[i], y[i]);
          double rounded = dtype == DType.FLOAT32 ? (float) expected : expected;
          assertThat(z[i]).isCloseTo(rounded, org.assertj.core.data.Offset.offset(
              Math.abs(rounded) * (dtype == DType.FLOAT32 ? 3e-7 : 5e-16) + 1e-300));
        }
      }
    }
  }

  @Test
  void operationsOfTwoAgreeWithTheirDefinitions() {
    two(Tensor::plus, Double::sum);
    two(Tensor::minus, (a, b) -> a - b);
    two(Tensor::times, (a, b) -> a * b);
    two(Tensor::divide, (a, b) -> a / b);
    two(Tensor::minimum, Math::min);
    two(Tensor::maximum, Math::max);
    two((a, b) -> a.abs().pow(b), (a, b) -> Math.pow(Math.abs(a), b));
    two((a, b) -> a.greater(b).to(a.dtype()), (a, b) -> a > b ? 1 : 0);
    two((a, b) -> a.lessOrEqual(b).to(a.dtype()), (a, b) -> a <= b ? 1 : 0);
  }

  private static void one(UnaryOperator<Tensor> operation, DoubleUnaryOperator definition) {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      for (Tensor x : new Tensor[] {normal(dtype, 7, 9), normal(dtype, 7, 9).transpose(),
          normal(dtype, 2, 600).slice(1, 1, 600, 3),
          normal(dtype, 0), normal(dtype, 80_000)}) {
        double[] in = x.copy().toDoubles();
        double[] out = operation.apply(x).toDoubles();
        for (int i = 0; i < in.length; i++) {
          double expected = definition.applyAsDouble(in[i]);
          assertThat(out[i]).isCloseTo(expected, org.assertj.core.data.Offset.offset(
              dtype == DType.FLOAT32 ? 5e-7 * Math.abs(expected) + 1e-7 : 2e-15 * Math.abs(expected) + 1e-15));
        }
      }
    }
  }

  @Test
  void operationsOfOneAgreeWithTheirDefinitions() {
    one(Tensor::negate, x -> -x);
    one(Tensor::reciprocal, x -> 1 / x);
    one(Tensor::square, x -> x * x);
    one(Tensor::abs, Math::abs);
    one(Tensor::sign, Math::signum);
    one(Tensor::exp, Math::exp);
    one(Tensor::expm1, Math::expm1);
    one(x -> x.abs().log(), x -> Math.log(Math.abs(x)));
    one(x -> x.abs().log1p(), x -> Math.log1p(Math.abs(x)));
    one(x -> x.abs().sqrt(), x -> Math.sqrt(Math.abs(x)));
    one(Tensor::tanh, Math::tanh);
    one(Tensor::sigmoid, x -> 1 / (1 + Math.exp(-x)));
    one(Tensor::softplus, x -> Math.log1p(Math.exp(x)));
    one(Tensor::relu, x -> Math.max(x, 0));
    one(x -> x.clamp(-0.5, 0.25), x -> Math.clamp(x, -0.5, 0.25));
  }

  @Test
  void softmaxIsSafeForLargeNumbers() {
    Tensor x = Tensor.of(new float[][] {{1000, 1000, Float.NEGATIVE_INFINITY}, {-1000, -999, -1000}});
    assertThat(x.softmax(1).toFloats()[0]).isEqualTo(0.5f);
    assertThat(x.softmax(1).sum(1).allClose(Tensor.ones(DType.FLOAT32, 2), 1e-6, 0)).isTrue();
    assertThat(x.logSumExp(1).at(0)).isCloseTo(1000 + Math.log(2), org.assertj.core.data.Offset.offset(1e-4));
    assertThat(x.logSoftmax(1).at(0, 2)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void integersAndTruthsHaveTheirOwnRules() {
    Tensor a = Tensor.of(new int[] {7, -7, Integer.MAX_VALUE}, 3);
    assertThat(a.divide(2).toInts()).containsExactly(3, -3, Integer.MAX_VALUE / 2);
    assertThat(a.plus(1).at(2)).isEqualTo(Integer.MIN_VALUE);
    Tensor p = Tensor.of(new boolean[] {true, false}, 2);
    assertThat(p.and(p.not()).any().item()).isZero();
    assertThat(p.or(p.not()).all().item()).isEqualTo(1);
    assertThat(p.xor(Tensor.ones(DType.BOOL, 2))).isEqualTo(p.not());
  }

  @Test
  void dtypesDoNotMix() {
    Tensor floats = normal(DType.FLOAT32, 2);
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> floats.plus(normal(DType.FLOAT64, 2)))
        .withMessageContaining("plus: dtypes differ: FLOAT32 with FLOAT64");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.arange(3).plus(0.5))
        .withMessage("plus: 0.5 is not an INT32 value");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> floats.plusInPlace(normal(DType.FLOAT32, 3, 2)))
        .withMessage("plusInPlace: [3, 2] does not broadcast to [2]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.arange(3).exp());
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> floats.and(floats));
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> normal(DType.FLOAT32, 2, 3).plus(floats))
        .withMessage("plus: shapes do not broadcast: [2, 3] with [2]");
    assertThatIllegalArgumentException().isThrownBy(() -> floats.clamp(1, 0)).withMessageContaining("low 1.0 is above");
  }

  @Test
  void integersAreNotDividedByZero() {
    Tensor x = Tensor.arange(6).reshape(2, 3);
    Tensor divisors = Tensor.of(new int[] {1, 0, 2});
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> x.divide(divisors)).withMessage(
        "divide: the divisor at [0, 1] of [2, 3] is 0, by which INT32 has no quotient; divide floating numbers, or "
            + "choose divisors"
            + " with where(..)");
    Tensor y = x.copy();
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> y.divideInPlace(divisors.unsqueeze(0)))
        .withMessageStartingWith("divideInPlace: the divisor at [0, 1] of [2, 3] is 0");
    assertThat(y).isEqualTo(x);
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> x.divide(0))
        .withMessageContaining("at [0, 0] of [2, 3]");
    assertThat(Tensor.zeros(DType.INT32, 0).divide(0).elements()).isZero();
    assertThat(x.transpose().divide(x.transpose().plus(1)).sum().item()).isZero();
    int[] many = new int[200_000];
    java.util.Arrays.fill(many, 3);
    many[150_007] = 0;
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Tensor.wrap(many).divide(Tensor.wrap(many)))
        .withMessageContaining("at [150007] of [200000]");
  }

  /// More rows and columns than are brought across together, and axes that stay.
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void functionsOfTransposedOperandsAreThoseOfTheirElements(DType dtype) {
    Tensor x = normal(dtype, 3, 130, 1100);
    assertThat(x.transpose(1, 2).tanh()).isEqualTo(x.tanh().transpose(1, 2));
    assertThat(x.select(0, 1).transpose().tanh()).isEqualTo(x.tanh().select(0, 1).transpose());
    assertThat(x.permute(2, 0, 1).slice(0, 1, 1090).tanh()).isEqualTo(x.tanh().permute(2, 0, 1).slice(0, 1, 1090));
    assertThat(x.slice(2, 0, 1100, 7).transpose(0, 2).tanh()).isEqualTo(x.tanh().slice(2, 0, 1100, 7).transpose(0, 2));
    assertThat(x.to(DType.INT32).transpose(1, 2).square()).isEqualTo(x.to(DType.INT32).square().transpose(1, 2));
  }

  @Test
  void notANumberStays() {
    Tensor x = Tensor.of(new float[] {Float.NaN, 1}, 2);
    for (Tensor y : new Tensor[] {x.relu(), x.clamp(0, 1), x.maximum(Tensor.scalar(5f)), x.tanh(), x.sigmoid(),
        x.exp()}) {
      assertThat(y.at(0)).isNaN();
    }
    assertThat(x.isNaN().toBooleans()).containsExactly(true, false);
    assertThat(x.equalTo(x).toBooleans()).containsExactly(false, true);
    assertThat(x).isEqualTo(x.copy());
  }
}

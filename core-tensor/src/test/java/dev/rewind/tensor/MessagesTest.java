package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What is refused is refused in the words of the caller: by the operation that was called, not by one it is made of.
class MessagesTest {
  private final Rng rng = Rng.of(1);
  private final Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3, 4);
  private final Tensor doubles = Tensor.zeros(DType.FLOAT64, 2, 3, 4);
  private final Tensor ints = Tensor.zeros(DType.INT32, 2, 3, 4);
  private final Tensor bools = Tensor.zeros(DType.BOOL, 2, 3, 4);
  private final Tensor vector = Tensor.zeros(DType.FLOAT32, 5);
  private final Tensor huge = Tensor.scalar(1f).expand(1 << 20);

  private static void refused(String message, Runnable call) {
    assertThat(catchThrowable(call::run)).as(message).isInstanceOf(RuntimeException.class).hasMessage(message);
  }

  @Test
  void dtypesAreRefusedByTheOperationCalled() {
    String differ = "dtypes differ: FLOAT32 with FLOAT64; convert one of them with to(..)";
    refused("greater: " + differ, () -> x.greater(doubles));
    refused("greaterOrEqual: " + differ, () -> x.greaterOrEqual(doubles));
    refused("dot: " + differ, () -> vector.dot(Tensor.zeros(DType.FLOAT64, 5)));
    refused("outer: " + differ, () -> vector.outer(Tensor.zeros(DType.FLOAT64, 5)));
    refused("dot: wants FLOAT32 or FLOAT64, not INT32", () -> Tensor.arange(3).dot(Tensor.arange(3)));
    refused("pow: wants FLOAT32 or FLOAT64, not INT32", () -> ints.pow(0.5));
    refused("greater: not defined for BOOL", () -> bools.greater(bools));
    refused("greaterOrEqual: not defined for BOOL", () -> bools.greaterOrEqual(0));
    refused("clamp: not defined for BOOL", () -> bools.clamp(0, 1));
    refused("outer: not defined for BOOL", () -> Tensor.zeros(DType.BOOL, 2).outer(Tensor.zeros(DType.BOOL, 2)));
    refused("plusInPlace: not defined for BOOL", () -> bools.plusInPlace(bools));
    refused("cumsumReverse: not defined for BOOL", () -> bools.cumsumReverse(0));
    refused("uniform: wants FLOAT32 or FLOAT64, not INT32", () -> Tensor.uniform(rng, DType.INT32, 0, 1, 2));
    refused("PackedMatrix.of: wants FLOAT32, not FLOAT64", () -> PackedMatrix.of(doubles));
    refused("accumulate: dtypes differ: FLOAT64 with FLOAT32; convert one of them with to(..)",
        () -> Accumulator.into(Tensor.zeros(DType.FLOAT64, 2, 2)).addMatmul(x, PackedMatrix.of(x.select(0, 0))));
  }

  @Test
  void shapesAreRefusedByTheOperationCalled() {
    refused("greater: shapes do not broadcast: [2, 3, 4] with [5]", () -> x.greater(vector));
    refused("greaterOrEqual: shapes do not broadcast: [2, 3, 4] with [5]", () -> x.greaterOrEqual(vector));
    refused("cumsumReverse: no axis 3 in [2, 3, 4]", () -> x.cumsumReverse(3));
    refused("accumulate: shapes do not broadcast: [5] with [2, 3, 4]", () -> Accumulator.into(x).addTimes(x, vector));
    refused("accumulate: [2, 2, 3, 4] does not broadcast to [2, 3, 4]",
        () -> Accumulator.into(x).addTimes(x.expand(2, 2, 3, 4), x));
    refused("expand: size -1 is negative in [-1, 3, 4]", () -> x.expand(-1, 3, 4));
    refused("zeros: size -2 is negative in [3, -2]", () -> Tensor.zeros(DType.FLOAT32, 3, -2));
    refused("arange: size -1 is negative in [-1]", () -> Tensor.arange(-1));
    refused("normal: size -1 is negative in [-1]", () -> Tensor.normal(rng, DType.FLOAT32, 0, 1, -1));
    refused("of: size -3 is negative in [-3]", () -> Tensor.of(new float[3], -3));
  }

  @Test
  void tooManyElementsAreRefusedByTheOperationCalled() {
    String squared = "[1048576, 1048576] has more than 2^31 - 1 elements";
    refused("ones: " + squared, () -> Tensor.ones(DType.FLOAT32, 1 << 20, 1 << 20));
    refused("eye: " + squared, () -> Tensor.eye(DType.FLOAT32, 1 << 20));
    refused("expand: " + squared, () -> huge.expand(1 << 20, 1 << 20));
    refused("reshape: " + squared, () -> x.reshape(1 << 20, 1 << 20));
    refused("plus: " + squared, () -> huge.plus(huge.unsqueeze(1)));
    refused("outer: " + squared, () -> huge.outer(huge));
    refused("matmul: " + squared, () -> huge.unsqueeze(1).matmul(huge.unsqueeze(0)));
    refused("matmul: " + squared,
        () -> Tensor.scalar(1f).expand(1 << 20, 1).matmul(PackedMatrix.of(huge.unsqueeze(0))));
    refused("unfold: [524289, 524288] has more than 2^31 - 1 elements", () -> huge.unfold(0, 1 << 19, 1));
    refused("gather: [4096, 1048576] has more than 2^31 - 1 elements",
        () -> huge.expand(2, 1 << 20).gather(Tensor.zeros(DType.INT32, 1 << 12), 0));
    refused("concat: [2048, 1048576] has more than 2^31 - 1 elements",
        () -> Tensor.concat(0, List.of(huge.expand(1 << 10, 1 << 20), huge.expand(1 << 10, 1 << 20))));
    refused("stack: [2, 1073741824] has more than 2^31 - 1 elements",
        () -> Tensor.stack(0, List.of(Tensor.scalar(1f).expand(1 << 30), Tensor.scalar(1f).expand(1 << 30))));
    refused("pad: [4096, 1048576] has more than 2^31 - 1 elements",
        () -> huge.expand(1 << 10, 1 << 20).pad(0, 1 << 10, 1 << 11, 0));
  }

  @Test
  void drawsAreRefusedByTheOperationCalled() {
    refused("uniform: expected finite bounds, low <= high, got low 1.0 and high 0.0",
        () -> Tensor.uniform(rng, DType.FLOAT32, 1, 0, 2));
    refused("normal: expected finite values, deviation >= 0, got mean 0.0, deviation -1.0",
        () -> Tensor.normal(rng, DType.FLOAT64, 0, -1, 2));
    refused("bernoulli: expected a probability in [0, 1], got 1.5", () -> Tensor.bernoulli(rng, 1.5, 2));
    refused("integers: expected a bound of at least 1, got 0", () -> Tensor.integers(rng, 0, 0));
    refused("categorical: row 1 of [2, 2]: nextCategorical: the sum of 2 weights is not positive and finite: 0.0",
        () -> Tensor.categorical(rng, Tensor.of(new float[][] {{1, 1}, {0, 0}})));
    refused("categorical: no axis -1 in []", () -> Tensor.categorical(rng, Tensor.scalar(1f)));
  }

  @Test
  void tolerancesAreNumbersOfAtLeastZero() {
    refused("allClose: expected tolerances of at least 0, got relative -1.0 and absolute 0.0",
        () -> x.allClose(x, -1, 0));
    refused("allClose: expected tolerances of at least 0, got relative 0.0 and absolute NaN",
        () -> x.describeDifference(x, 0, Double.NaN));
  }

  @Test
  void aDivisionThatFailsChangesNothing() {
    Tensor dividend = Tensor.of(new int[] {8, 8});
    int before = dividend.version();
    assertThatThrownBy(() -> dividend.divideInPlace(Tensor.of(new int[] {2, 0})))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageStartingWith("divideInPlace: the divisor at [1] of [2] is 0");
    assertThat(dividend.toInts()).containsExactly(8, 8);
    assertThat(dividend.version()).isEqualTo(before);
  }
}

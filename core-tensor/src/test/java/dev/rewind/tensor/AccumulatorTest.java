package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccumulatorTest {
  private final Rng rng = Rng.of(5);

  private Tensor draw(DType dtype, int... sizes) {
    return Tensor.normal(rng, dtype, 0, 1, sizes);
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void sumsHaveTheBitsOfTensorsAddedOneByOne(DType dtype) {
    Tensor a = draw(dtype, 3, 80).slice(1, 20, 57); // [3, 37], in rows apart
    Tensor b = draw(dtype, 37, 3).transpose();
    Tensor row = draw(dtype, 37);
    Tensor expected = a.times(b).plus(RawAccess.tanhBackward(a, b)).plus(RawAccess.sigmoidBackward(b, a))
        .plus(a.times(row)).plus(a);
    for (Tensor memory : new Tensor[] {draw(dtype, 3, 37), draw(dtype, 3, 90).slice(1, 50, 87),
        draw(dtype, 37, 3).transpose()}) {
      Accumulator sum = Accumulator.into(memory);
      sum.addTimes(a, b);
      sum.addTanhBackward(a, b);
      sum.addSigmoidBackward(b, a);
      sum.addTimes(a, row);
      sum.add(a);
      assertThat(sum.total()).isEqualTo(expected).isSameAs(memory);
    }
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void productsOfPartsAreThePartsOfOneProduct(DType dtype) {
    Tensor a = draw(dtype, 7, 5); // rows, summed over
    Tensor b = draw(dtype, 7, 6);
    for (Tensor memory : new Tensor[] {draw(dtype, 5, 6), draw(dtype, 6, 5).transpose(),
        draw(dtype, 5, 9).slice(1, 2, 8)}) {
      Accumulator sum = Accumulator.into(memory);
      sum.addMatmul(a.slice(0, 0, 3).transpose(), b.slice(0, 0, 3));
      sum.addMatmul(a.slice(0, 3, 7).transpose(), b.slice(0, 3, 7));
      assertThat(sum.total()).isEqualTo(a.transpose().matmul(b));
    }
  }

  @Test
  void whatIsWrittenFirstNeedsNoTensorOfItsOwnAndWhatComesLaterIsAdded() {
    Tensor memory = Tensor.full(DType.FLOAT32, 9, 2, 3);
    Accumulator sum = Accumulator.into(memory);
    sum.addWritten(first -> assertThat(first.fill(1)).isSameAs(memory));
    sum.addWritten(second -> assertThat(second.fill(2)).isNotSameAs(memory));
    assertThat(sum.total()).isEqualTo(Tensor.full(DType.FLOAT32, 3, 2, 3));
  }

  @Test
  void operandsLaidOutGiveTheSameBits() {
    Tensor a = draw(DType.FLOAT32, 7, 5);
    PackedMatrix b = PackedMatrix.of(draw(DType.FLOAT32, 6, 5).transpose());
    for (Tensor memory : new Tensor[] {draw(DType.FLOAT32, 7, 6), draw(DType.FLOAT32, 6, 7).transpose()}) {
      Accumulator sum = Accumulator.into(memory);
      sum.addMatmul(a, b);
      assertThat(sum.total()).isEqualTo(a.matmul(b));
    }
  }

  @Test
  void nothingAddedIsZero() {
    assertThat(Accumulator.into(draw(DType.FLOAT32, 2, 3)).total()).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 3));
  }

  @Test
  void changesAreSeenByTheMemorysVersion() {
    Tensor memory = draw(DType.FLOAT32, 2);
    int before = memory.version();
    Accumulator.into(memory).add(draw(DType.FLOAT32, 2));
    assertThat(memory.version()).isGreaterThan(before);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Accumulator sum = Accumulator.into(draw(DType.FLOAT32, 2, 3));
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> sum.add(draw(DType.FLOAT32, 3)))
        .withMessage("accumulate: [3] into [2, 3]");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> sum.addTimes(draw(DType.FLOAT32, 2, 3), draw(DType.FLOAT32, 2)))
        .withMessage("accumulate: shapes do not broadcast: [2] with [2, 3]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> sum.add(draw(DType.FLOAT64, 2, 3)))
        .withMessageContaining("FLOAT32 with FLOAT64");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> sum.addMatmul(draw(DType.FLOAT32, 2, 4), draw(DType.FLOAT32, 4, 2)))
        .withMessage("matmul: [2, 4] by [4, 2] does not add up to [2, 3]");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> sum.addMatmul(draw(DType.FLOAT32, 2, 4), PackedMatrix.of(draw(DType.FLOAT32, 4, 2))))
        .withMessage("matmul: [2, 4] by [4, 2] does not add up to [2, 3]");
    assertThatIllegalStateException().isThrownBy(() -> Accumulator.into(draw(DType.FLOAT32, 3).expand(2, 3)))
        .withMessageContaining("overlap");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Accumulator.into(Tensor.zeros(DType.INT32, 2)))
        .withMessageContaining("not INT32");
  }
}

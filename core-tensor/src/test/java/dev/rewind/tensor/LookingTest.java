package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Printing, equality and closeness.
class LookingTest {
  @Test
  void elementsArePrintedInBracketsAlignedWhateverTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Tensor.of(new int[][] {{1, -20}, {300, 4}})).hasToString("[[  1, -20],\n [300,   4]]");
      assertThat(Tensor.of(new float[] {0.5f, -1.25f}, 2).toString()).contains("0.5").contains("-1.25").doesNotContain("0,5");
      assertThat(Tensor.of(new boolean[] {true, false}, 2).toString()).contains("true").contains("false");
      assertThat(Tensor.of(new double[] {Double.NaN, Double.NEGATIVE_INFINITY}, 2).toString()).containsIgnoringCase("nan")
          .containsIgnoringCase("-inf");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void largeTensorsAreAbbreviated() {
    String printed = Tensor.arange(5000).toString();
    assertThat(printed).contains("...").contains("4999").doesNotContain("2500").hasSizeLessThan(200);
    assertThat(Tensor.zeros(DType.FLOAT32, 100, 100, 100).toString().lines().count()).isLessThan(60);
  }

  @Test
  void equalityIsByValueWhateverTheStrides() {
    Tensor x = Tensor.of(new float[][] {{1, 2}, {Float.NaN, -0f}});
    assertThat(x.transpose().copy().transpose()).isEqualTo(x).hasSameHashCodeAs(x);
    assertThat(x).isNotEqualTo(x.reshape(4)).isNotEqualTo(x.to(DType.FLOAT64)).isNotEqualTo("x");
    assertThat(Tensor.scalar(0f)).isNotEqualTo(Tensor.scalar(-0f));
  }

  @Test
  void closenessNamesTheWorstElement() {
    Tensor a = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
    Tensor b = a.copy();
    b.select(0, 1).slice(0, 2, 3).fill(6.5);
    assertThat(a.allClose(b, 0, 0.6)).isTrue();
    assertThat(a.allClose(b, 0, 0.4)).isFalse();
    assertThat(a.describeDifference(b, 0, 0.4)).contains("[1, 2]").contains("6.0").contains("6.5");
    assertThat(a.allClose(a.reshape(3, 2), 1, 1)).isFalse();
    assertThat(a.describeDifference(a.reshape(3, 2), 1, 1)).contains("[2, 3]").contains("[3, 2]");
    Tensor nan = Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 2);
    assertThat(nan.allClose(nan.copy(), 0, 0)).isTrue();
    assertThat(nan.allClose(Tensor.zeros(DType.FLOAT32, 2), 1, 1)).isFalse();
  }
}

package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Printing, equality and closeness.
class LookingTest {
  @Test
  void elementsArePrintedInBracketsAlignedWhateverTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Tensor.of(new int[][] {{1, -20}, {300, 4}})).hasToString("[[  1, -20],\n [300,   4]]");
      assertThat(Tensor.of(new float[] {0.5f, -1.25f}, 2).toString()).contains("0.5").contains("-1.25")
          .doesNotContain("0,5");
      assertThat(Tensor.of(new boolean[] {true, false}, 2).toString()).contains("true").contains("false");
      assertThat(Tensor.of(new double[] {Double.NaN, Double.NEGATIVE_INFINITY}, 2).toString())
          .containsIgnoringCase("nan")
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

  private static List<Function<Tensor, Tensor>> views() {
    return List.of(Tensor::transpose, x -> x.flip(0), x -> x.flip(1), x -> x.slice(1, 1, x.size(1), 3),
        x -> x.select(0, 1),
        x -> x.select(1, 0), x -> x.unfold(1, 3, 2), x -> x.unsqueeze(1).expand(x.size(0), 2, x.size(1)),
        x -> x.select(0, 0).select(0, 2).expand(3, 4), x -> x.select(0, 0).select(0, 0), x -> x.slice(0, 1, 1), x -> x);
  }

  @Test
  void equalTensorsHaveEqualHashCodesHoweverTheyLie() {
    Tensor small = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 5, 7);
    Tensor large = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 2, 300, 301); // walks of which are shared out
    for (DType dtype : DType.values()) {
      for (Tensor x : List.of(small.to(dtype), large.to(dtype))) {
        for (Function<Tensor, Tensor> view : views()) {
          Tensor seen = view.apply(x);
          assertThat(seen.copy()).as("%s of %s", seen.shape(), dtype).isEqualTo(seen).hasSameHashCodeAs(seen);
        }
      }
    }
    assertThat(large.hashCode()).isNotEqualTo(large.transpose().hashCode()).isNotEqualTo(large.flip(0).hashCode());
    assertThat(small.hashCode()).isNotEqualTo(small.reshape(35).hashCode());
  }

  @Test
  void hashCodesKnowZerosApartButNoNaN() {
    assertThat(Tensor.scalar(0f)).doesNotHaveSameHashCodeAs(Tensor.scalar(-0f));
    assertThat(Tensor.scalar(0.0)).doesNotHaveSameHashCodeAs(Tensor.scalar(-0.0));
    Tensor nan = Tensor.of(new float[] {Float.NaN, Float.intBitsToFloat(0x7fc12345)});
    assertThat(nan.flip(0)).isEqualTo(nan).hasSameHashCodeAs(nan);
    Tensor doubles = Tensor.of(new double[] {Double.NaN, Double.longBitsToDouble(0x7ff8_0000_1234_5678L)});
    assertThat(doubles.flip(0)).isEqualTo(doubles).hasSameHashCodeAs(doubles);
  }

  @Test
  void aHashCodeTakesNoCopy() {
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Tensor x = Tensor.zeros(DType.FLOAT32, 300, 301);
    for (Tensor view : List.of(x, x.transpose(), x.slice(1, 0, 301, 2))) {
      int _ = view.hashCode(); // and what is loaded at first does not count
      long before = memory.getCurrentThreadAllocatedBytes();
      int _ = view.hashCode();
      assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }
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

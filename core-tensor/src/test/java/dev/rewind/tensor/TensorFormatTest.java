package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorFormatTest {
  private final Locale locale = Locale.getDefault();

  @AfterEach
  void restoreLocale() {
    Locale.setDefault(locale);
  }

  @Test
  void scalarsStandAlone() {
    assertThat(Tensor.scalar(2.5f)).hasToString("2.5");
    assertThat(Tensor.scalar(-3)).hasToString("-3");
    assertThat(Tensor.scalar(1.0)).hasToString("1.0");
    assertThat(Tensor.of(new boolean[] {true}).select(0, 0)).hasToString("true");
  }

  @Test
  void columnsAreAligned() {
    assertThat(Tensor.of(new int[][] {{1, -20}, {300, 4}})).hasToString("""
        [[  1, -20],
         [300,   4]]""");
    assertThat(Tensor.of(new float[][] {{1, 2.5f}, {-10, 0.125f}})).hasToString("""
        [[  1.000,   2.500],
         [-10.000,   0.125]]""");
    assertThat(Tensor.of(new boolean[] {true, false, true})).hasToString("[ true, false,  true]");
  }

  @Test
  void matricesOfADeeperTensorStandApart() {
    assertThat(Tensor.arange(8).reshape(2, 2, 2)).hasToString("""
        [[[0, 1],
          [2, 3]],

         [[4, 5],
          [6, 7]]]""");
    assertThat(Tensor.arange(4).reshape(2, 1, 1, 2)).hasToString("""
        [[[[0, 1]]],


         [[[2, 3]]]]""");
  }

  @Test
  void viewsAreShownInTheirOwnOrder() {
    assertThat(Tensor.arange(6).reshape(2, 3).transpose().flip(0)).hasToString("""
        [[2, 5],
         [1, 4],
         [0, 3]]""");
  }

  @Test
  void atMostFourDecimalsAreShown() {
    assertThat(Tensor.of(new double[] {1.0 / 3, 2, 0.5})).hasToString("[0.3333, 2.0000, 0.5000]");
    assertThat(Tensor.of(new float[] {0.1f, 0.25f})).hasToString("[0.10, 0.25]");
    assertThat(Tensor.of(new float[] {3, 100})).hasToString("[  3.0, 100.0]");
    assertThat(Tensor.of(new double[] {0.99996})).hasToString("[1.0]");
  }

  @Test
  void anExponentKeepsDigitsThatDecimalsWouldLose() {
    assertThat(Tensor.of(new double[] {1e-5, 2})).hasToString("[1.0e-05, 2.0e+00]");
    assertThat(Tensor.of(new float[] {1.25e10f, -1})).hasToString("[ 1.25e+10, -1.00e+00]");
    assertThat(Tensor.of(new double[] {0.0012345678, 5})).hasToString("[1.2346e-03, 5.0000e+00]");
    assertThat(Tensor.of(new double[] {1e-300, 0})).hasToString("[1.0e-300,  0.0e+00]");
    assertThat(Tensor.of(new double[] {Double.MAX_VALUE})).hasToString("[1.7977e+308]");
    assertThat(Tensor.of(new float[] {Float.MIN_VALUE})).hasToString("[1.4e-45]");
    assertThat(Tensor.of(new double[] {0.00099, 0.0005})).hasToString("[0.0010, 0.0005]");
  }

  @Test
  void whatIsNoNumberIsAWord() {
    Tensor x = Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1.5f, -0f});
    assertThat(x).hasToString("[ nan,  inf, -inf,  1.5, -0.0]");
    assertThat(Tensor.of(new double[] {Double.NaN})).hasToString("[nan]");
  }

  @Test
  void integersOfTheLimitsAreExact() {
    assertThat(Tensor.of(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE})).hasToString("[-2147483648,  2147483647]");
  }

  @Test
  void nothingShowsWhatItWouldBeOf() {
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3)).hasToString("[] FLOAT32 [0, 3]");
    assertThat(Tensor.zeros(DType.BOOL, 0)).hasToString("[] BOOL [0]");
  }

  @Test
  void aThousandElementsAreShownAndMoreAbbreviated() {
    assertThat(Tensor.arange(1000).toString()).doesNotContain("...").contains(" 500,");
    assertThat(Tensor.arange(1001)).hasToString("[   0,    1,    2, ...,  998,  999, 1000]");
    assertThat(Tensor.arange(7 * 6 * 30).reshape(7, 6, 30).toString().lines().limit(6)).containsExactly(
        "[[[   0,    1,    2, ...,   27,   28,   29],",
        "  [  30,   31,   32, ...,   57,   58,   59],",
        "  [  60,   61,   62, ...,   87,   88,   89],",
        "  [  90,   91,   92, ...,  117,  118,  119],",
        "  [ 120,  121,  122, ...,  147,  148,  149],",
        "  [ 150,  151,  152, ...,  177,  178,  179]],");
    assertThat(Tensor.arange(2000).reshape(1000, 2)).hasToString("""
        [[   0,    1],
         [   2,    3],
         [   4,    5],
         ...,
         [1994, 1995],
         [1996, 1997],
         [1998, 1999]]""");
  }

  @Test
  void whatIsLeftOutDoesNotChangeTheFormat() {
    float[] values = new float[5000];
    Arrays.fill(values, 1);
    values[2500] = 1e-20f;
    assertThat(Tensor.of(values)).hasToString("[1.0, 1.0, 1.0, ..., 1.0, 1.0, 1.0]");
  }

  @Test
  void longRowsAreBroken() {
    String text = Tensor.arange(200).toString();
    assertThat(text.lines().count()).isEqualTo(10);
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
    assertThat(text.lines().skip(1)).allMatch(line -> line.startsWith(" "));
    assertThat(text.replace("\n", "").replaceAll(" +", "")).startsWith("[0,1,2,").endsWith(",198,199]");
  }

  @Test
  void theLocaleDoesNotMatter() {
    Tensor x = Tensor.of(new double[] {1.5, 1e-9, -12345});
    String text = x.toString();
    for (String tag : new String[] {"de-DE", "ar-EG", "hi-IN-u-nu-deva", "tr-TR"}) {
      Locale.setDefault(Locale.forLanguageTag(tag));
      assertThat(x).hasToString(text);
    }
    assertThat(text).isEqualTo("[ 1.5000e+00,  1.0000e-09, -1.2345e+04]");
  }
}

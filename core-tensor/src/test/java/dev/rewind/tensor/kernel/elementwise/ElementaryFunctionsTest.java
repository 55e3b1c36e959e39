package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementaryFunctionsTest {
  /// One of so many floats is tried; a prime, so that every exponent is met with varied fractions.
  private static final int STRIDE = Integer.getInteger("rewind.test.stride", 9973);
  private static final float[] SPECIAL = {
      0f, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, -Float.MIN_VALUE,
      Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 88.72f, 88.73f, 89, -87.3f, -87.4f, -103.9f, -104, 0.625f,
      Math.nextDown(0.625f), 9.01f, 9.1f, 0x1p-12f, 0x1p-26f, Math.nextUp(1f), Math.nextDown(1f), -86,
      Math.nextDown(-86f),
      -18, 88.9f, 4, 14.5f, -14.5f, Float.intBitsToFloat(0x7FC00001), Float.intBitsToFloat(0xFFFFFFFF)
  };

  enum Function {
    ERF(1.5, DoubleMath::erf), EXP(1.0, StrictMath::exp), EXPM1(1.5, StrictMath::expm1), GELU(6.0,
        DoubleMath::gelu), LOG(2.0, StrictMath::log), LOG1P(2.5, StrictMath::log1p), SIGMOID(2.5,
            DoubleMath::sigmoid), SOFTPLUS(2.5, DoubleMath::softplus), TANH(2.5, StrictMath::tanh);

    /// The largest error over all floats, in units in the last place of the result, rounded up.
    private final double ulps;
    private final DoubleUnaryOperator exact;

    Function(double ulps, DoubleUnaryOperator exact) {
      this.ulps = ulps;
      this.exact = exact;
    }

    private void apply(MapKernels maps, float[] x, int xo, float[] y, int yo, int n) {
      maps.unary(Unary.valueOf(name()), x, xo, y, yo, n);
    }
  }

  private static float[] samples() {
    int count = (int) ((1L << 32) / STRIDE);
    float[] x = new float[SPECIAL.length + count];
    System.arraycopy(SPECIAL, 0, x, 0, SPECIAL.length);
    for (int i = 0; i < count; i++) {
      x[SPECIAL.length + i] = Float.intBitsToFloat((int) ((long) i * STRIDE));
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void vectorsGiveTheBitsOfTheDefinitionWhichIsAccurate(Function function) {
    float[] x = samples();
    float[] scalar = new float[x.length];
    float[] vector = new float[x.length];
    function.apply(new MapKernels(), x, 0, scalar, 0, x.length);
    function.apply(new VectorMaps(), x, 0, vector, 0, x.length);
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      if (Float.floatToIntBits(scalar[i]) != Float.floatToIntBits(vector[i])) {
        throw new AssertionError(function + "(" + x[i] + ") is " + scalar[i] + ", from vectors " + vector[i]);
      }
      worst = Math.max(worst, error(function, x[i], scalar[i]));
    }
    assertThat(worst).isLessThanOrEqualTo(function.ulps);
  }

  private static double error(Function function, float x, float y) {
    double exact = function.exact.applyAsDouble(x);
    float rounded = (float) exact;
    if (Float.isNaN(rounded) || Float.isInfinite(rounded) || rounded == 0 && exact == 0) {
      return Float.compare(rounded, y) == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    return Math.abs(y - exact) / Math.ulp(rounded);
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void tailsAndOffsetsTouchNothingElse(Function function) {
    for (int n = 0; n < 70; n++) {
      float[] x = new float[n + 5];
      for (int i = 0; i < x.length; i++) {
        x[i] = 0.1f * i + 0.05f;
      }
      float[] y = new float[n + 9];
      java.util.Arrays.fill(y, 7);
      function.apply(new VectorMaps(), x, 3, y, 4, n);
      for (int i = 0; i < y.length; i++) {
        float[] one = {7};
        if (i >= 4 && i < 4 + n) {
          function.apply(new MapKernels(), x, i - 1, one, 0, 1);
        }
        assertThat(y[i]).isEqualTo(one[0]);
      }
    }
  }

  /// Against 40 digits: what is no function of [StrictMath] but made of them.
  @Test
  void functionsOfDoublesAreWithinTheirBounds() {
    MathContext digits = new MathContext(40);
    double worstSigmoid = 0;
    double worstSoftplus = 0;
    for (double x = -33; x < 33; x += 0.0917) {
      BigDecimal e = exp(x, digits);
      BigDecimal sum = e.add(BigDecimal.ONE);
      BigDecimal exact = e.divide(sum, digits);
      double sigmoid = DoubleMath.sigmoid(x);
      worstSigmoid = Math.max(worstSigmoid,
          exact.subtract(new BigDecimal(sigmoid)).abs().doubleValue() / Math.ulp(sigmoid));
      double softplus = DoubleMath.softplus(x);   // of its error d, e^(softplus + d) = 1 + e^x
      BigDecimal error = sum.divide(exp(softplus, digits), digits).subtract(BigDecimal.ONE);
      worstSoftplus = Math.max(worstSoftplus, Math.abs(error.doubleValue()) / Math.ulp(softplus));
    }
    assertThat(worstSigmoid).isLessThanOrEqualTo(2.5);
    assertThat(worstSoftplus).isLessThanOrEqualTo(2.5);
  }

  /// The series for `x / 64`, squared six times.
  private static BigDecimal exp(double x, MathContext digits) {
    BigDecimal small = new BigDecimal(x).divide(BigDecimal.valueOf(64), digits);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int n = 1; n < 40; n++) {
      term = term.multiply(small, digits).divide(BigDecimal.valueOf(n), digits);
      sum = sum.add(term, digits);
    }
    return sum.pow(64, digits);
  }

  @Test
  void errorFunctionAndItsFriendsAgreeWithAnotherImplementation() {
    NormalDistribution normal = new NormalDistribution();
    for (double x = -9; x <= 9; x += 0.037) {
      assertThat(DoubleMath.erf(x)).isCloseTo(Erf.erf(x), org.assertj.core.data.Offset.offset(2e-15));
      double gelu = x * normal.cumulativeProbability(x);
      assertThat(DoubleMath.gelu(x)).isCloseTo(gelu, org.assertj.core.data.Offset.offset(1e-14));
      double softplus = x > 30 ? x : Math.log1p(Math.exp(x));
      assertThat(DoubleMath.softplus(x)).isCloseTo(softplus, org.assertj.core.data.Offset.offset(1e-14));
    }
    assertThat(DoubleMath.erf(Double.NaN)).isNaN();
    assertThat(DoubleMath.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(DoubleMath.erf(-0.0)).isEqualTo(-0.0);
    assertThat(DoubleMath.gelu(Double.NEGATIVE_INFINITY)).isEqualTo(-0.0);
    assertThat(DoubleMath.softplus(1e308)).isEqualTo(1e308);
  }
}

package dev.rewind.tensor.kernel.elementwise;

import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.rewind.tensor.kernel.thread.ThreadPool;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Powers over arrays, with the bits of [FloatPowers]: logarithms of a block, then powers of two. Why nothing takes or
/// returns a vector, and the last elements go one by one: see [VectorExponentials].
final class VectorPowers {
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, VectorMath.SPECIES.vectorShape());
  private static final VectorSpecies<Float> HALF = VectorSpecies.of(float.class,
      VectorShape.forBitSize(VectorMath.SPECIES.vectorBitSize() / 2));
  private static final int LANES = DOUBLES.length();
  private static final int BLOCK = 128;

  /// Whether this machine's vectors are wide enough: pairs of doubles cannot be rounded to floats without objects.
  static final boolean WIDE = LANES >= 4;

  private VectorPowers() {}

  static void pow(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    float[] logs = ThreadPool.scratch().borrow(2 * BLOCK);
    int whole = n / LANES * LANES;
    for (int from = 0; from < whole; from += BLOCK) {
      int m = Math.min(BLOCK, whole - from);
      logarithms(a, ao + from, b, bo + from, logs, m);
      powers(logs, a, ao + from, b, bo + from, y, yo + from, m);
    }
    ThreadPool.scratch().giveBack(logs);
    for (int i = whole; i < n; i++) {
      y[yo + i] = FloatPowers.pow(a[ao + i], b[bo + i]);
    }
  }

  /// `y` is `b[bo + i] log2(|a[ao + i]|)`, in doubles whose bits are in two floats each.
  private static void logarithms(float[] a, int ao, float[] b, int bo, float[] y, int n) {
    double[] c = FloatPowers.LOG2;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = ((DoubleVector) FloatVector.fromArray(HALF, a, ao + i).convertShape(F2D, DOUBLES, 0)).abs();
      LongVector bits = x.reinterpretAsLongs();
      LongVector power = bits.add(FloatPowers.TO_ONE).lanewise(LSHR, 52);
      DoubleVector whole = power.or(FloatPowers.TWO_52_BITS).reinterpretAsDoubles()
          .sub(FloatPowers.TWO_52 + FloatPowers.BIAS);
      DoubleVector f = bits.sub(power.lanewise(LSHL, 52)).add(FloatPowers.ONE_BITS).reinterpretAsDoubles().sub(1);
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector log = z.fma(c[0], c[1]).lanewise(FMA, z, c[2]).lanewise(FMA, z, c[3]).lanewise(FMA, z, c[4])
          .lanewise(FMA, z, c[5]).fma(s, whole);
      x.blend(log, x.compare(LT, Double.POSITIVE_INFINITY)).blend(Double.NEGATIVE_INFINITY, x.compare(EQ, 0))
          .mul(FloatVector.fromArray(HALF, b, bo + i).convertShape(F2D, DOUBLES, 0)).reinterpretAsFloats()
          .intoArray(y, 2 * i);
    }
  }

  /// Two to the powers that [#logarithms] left, with the signs and special cases of `a[ao + i]` to the power `b[bo +
  /// i]`.
  private static void powers(float[] logs, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    double[] c = FloatPowers.EXP2;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector t = FloatVector.fromArray(VectorMath.SPECIES, logs, 2 * i).reinterpretAsDoubles();
      t = t.blend(-FloatPowers.MOST, t.compare(LT, -FloatPowers.MOST)).blend(FloatPowers.MOST,
          t.compare(GT, FloatPowers.MOST));
      DoubleVector shifted = t.add(FloatPowers.ROUNDER + FloatPowers.BIAS);
      DoubleVector r = t.sub(shifted.sub(FloatPowers.ROUNDER + FloatPowers.BIAS));
      DoubleVector scale = shifted.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector power = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4])
          .lanewise(FMA, r, c[5]).lanewise(FMA, r, c[6]).lanewise(FMA, r, c[7]).lanewise(FMA, r, 1).mul(scale);

      DoubleVector x = (DoubleVector) FloatVector.fromArray(HALF, a, ao + i).convertShape(F2D, DOUBLES, 0);
      DoubleVector e = (DoubleVector) FloatVector.fromArray(HALF, b, bo + i).convertShape(F2D, DOUBLES, 0);
      DoubleVector bounded = e.blend(-FloatPowers.EVEN, e.compare(LT, -FloatPowers.EVEN))
          .blend(FloatPowers.EVEN, e.compare(GT, FloatPowers.EVEN));
      DoubleVector half = bounded.mul(0.5);
      VectorMask<Double> whole = bounded.add(FloatPowers.ROUNDER).sub(FloatPowers.ROUNDER).compare(EQ, bounded);
      VectorMask<Double> even = half.add(FloatPowers.ROUNDER).sub(FloatPowers.ROUNDER).compare(EQ, half);
      VectorMask<Double> negative = x.compare(LT, 0).and(x.compare(GT, Double.NEGATIVE_INFINITY));
      LongVector sign = x.reinterpretAsLongs().and(Long.MIN_VALUE);
      DoubleVector signed = power.reinterpretAsLongs().lanewise(XOR, sign).reinterpretAsDoubles();
      DoubleVector result = power.blend(signed, whole.andNot(even)).blend(Double.NaN, negative.andNot(whole))
          .blend(1, e.compare(EQ, 0));
      ((FloatVector) result.convertShape(D2F, HALF, 0)).intoArray(y, yo + i);
    }
  }
}

package dev.rewind.tensor.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2D;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Powers over arrays, with the bits of [FloatPowers]. A block of arguments without special cases, found by looking at all of it
/// first, takes half of the steps. Why nothing takes or returns a vector, and the last elements go one by one: see
/// [VectorExponentials].
final class VectorPowers {
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, VectorMath.SPECIES.vectorShape());
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, VectorMath.SPECIES.vectorShape());
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorMath.SPECIES.vectorBitSize() / 2));
  private static final VectorSpecies<Integer> HALF_INTS = VectorSpecies.of(int.class, HALF.vectorShape());
  private static final int LANES = DOUBLES.length();
  private static final int BLOCK = 512;

  /// The bits of the least float that is not below `sqrt(1/2)`.
  private static final int SQRT_HALF_BITS = 0x3F3504F4;
  private static final int EXPONENT = 0xFF800000;
  private static final int BIAS = 127;
  private static final int MIN_NORMAL_BITS = 0x00800000;
  private static final int INFINITE_BITS = 0x7F800000;
  /// Binary logarithms up to which doubles have powers, with room for what rounding adds.
  private static final float MOST = 1000;

  /// Whether this machine's vectors are wide enough: pairs of doubles cannot be rounded to floats without objects.
  static final boolean WIDE = LANES >= 4;

  /// Whether blocks are looked at: with four doubles, the compiler was seen to make objects of the vectors of the shorter way.
  private static final boolean FAST = LANES >= 8;

  private VectorPowers() {}

  static void pow(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    float[] logs = Workers.scratch().borrow(2 * BLOCK);
    int whole = n / INTS.length() * INTS.length();
    for (int from = 0; from < whole; from += BLOCK) {
      int m = Math.min(BLOCK, whole - from);
      block(a, ao + from, false, b, bo + from, 0, logs, y, yo + from, m);
    }
    Workers.scratch().giveBack(logs);
    for (int i = whole; i < n; i++) {
      y[yo + i] = FloatPowers.pow(a[ao + i], b[bo + i]);
    }
  }

  /// All to one power: what its parity means for signs is found out once.
  static void pow(float[] a, int ao, float exponent, float[] y, int yo, int n) {
    float[] scratch = Workers.scratch().borrow(3 * BLOCK);
    Arrays.fill(scratch, 2 * BLOCK, 3 * BLOCK, exponent);
    boolean signed = FloatPowers.isWhole(exponent);
    int sign = FloatPowers.isOdd(exponent) ? Integer.MIN_VALUE : 0;
    int whole = n / INTS.length() * INTS.length();
    for (int from = 0; from < whole; from += BLOCK) {
      int m = Math.min(BLOCK, whole - from);
      block(a, ao + from, signed, scratch, 2 * BLOCK, sign, scratch, y, yo + from, m);
    }
    Workers.scratch().giveBack(scratch);
    for (int i = whole; i < n; i++) {
      y[yo + i] = FloatPowers.pow(a[ao + i], exponent);
    }
  }

  /// @param signed whether no base is a special case for being negative, because all exponents are one integer
  /// @param sign   the sign bit where it is that of the base then
  private static void block(float[] a, int ao, boolean signed, float[] b, int bo, int sign, float[] logs, float[] y, int yo, int n) {
    if (FAST && isOrdinary(a, ao, signed, b, bo, n)) {
      ordinaryLogarithms(a, ao, b, bo, logs, n);
      ordinaryPowers(logs, a, ao, sign, y, yo, n);
    } else {
      logarithms(a, ao, b, bo, logs, n);
      powers(logs, a, ao, b, bo, y, yo, n);
    }
  }

  /// Whether all of `a` are normal numbers, positive ones unless `signed`, and no power is beyond the range of doubles. The bits
  /// of positive floats have the order of the floats.
  private static boolean isOrdinary(float[] a, int ao, boolean signed, float[] b, int bo, int n) {
    int mask = signed ? Integer.MAX_VALUE : -1;
    IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    IntVector most = IntVector.zero(INTS);
    IntVector exponents = IntVector.zero(INTS);
    for (int i = 0; i < n; i += INTS.length()) {
      IntVector x = FloatVector.fromArray(VectorMath.SPECIES, a, ao + i).reinterpretAsInts().and(mask);
      IntVector e = FloatVector.fromArray(VectorMath.SPECIES, b, bo + i).reinterpretAsInts().and(Integer.MAX_VALUE);
      if (x.compare(LT, MIN_NORMAL_BITS).anyTrue()) { // as soon as it is seen: powers of what has either sign are not rare
        return false;
      }
      least = least.min(x);
      most = most.max(x);
      exponents = exponents.max(e);
    }
    if (most.compare(GE, INFINITE_BITS).anyTrue()) {
      return false;
    }
    IntVector logs = most.lanewise(LSHR, 23).sub(BIAS - 1).max(least.lanewise(LSHR, 23).neg().add(BIAS));
    FloatVector sizes = (FloatVector) logs.convertShape(I2F, VectorMath.SPECIES, 0);
    return exponents.reinterpretAsFloats().mul(sizes).compare(LT, MOST).allTrue();
  }

  /// `y` is `b[bo + i] log2(|a[ao + i]|)`, in doubles whose bits are in two floats each.
  private static void ordinaryLogarithms(float[] a, int ao, float[] b, int bo, float[] y, int n) {
    double[] c = FloatPowers.LOG2;
    for (int i = 0; i < n; i += LANES) {
      IntVector bits = FloatVector.fromArray(HALF, a, ao + i).reinterpretAsInts().and(Integer.MAX_VALUE);
      IntVector power = bits.sub(SQRT_HALF_BITS).and(EXPONENT);
      DoubleVector whole = (DoubleVector) power.lanewise(ASHR, 23).convertShape(I2D, DOUBLES, 0);
      DoubleVector f = ((DoubleVector) bits.sub(power).reinterpretAsFloats().convertShape(F2D, DOUBLES, 0)).sub(1);
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector log = z.fma(c[0], c[1]).lanewise(FMA, z, c[2]).lanewise(FMA, z, c[3]).lanewise(FMA, z, c[4]).fma(s, whole);
      log.mul(FloatVector.fromArray(HALF, b, bo + i).convertShape(F2D, DOUBLES, 0)).reinterpretAsFloats().intoArray(y, 2 * i);
    }
  }

  /// Two to the powers that [#ordinaryLogarithms] left, with the sign of `a[ao + i]` where `sign` is one.
  private static void ordinaryPowers(float[] logs, float[] a, int ao, int sign, float[] y, int yo, int n) {
    double[] c = FloatPowers.EXP2;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector t = FloatVector.fromArray(VectorMath.SPECIES, logs, 2 * i).reinterpretAsDoubles();
      DoubleVector shifted = t.add(FloatPowers.ROUNDER + FloatPowers.BIAS);
      DoubleVector r = t.sub(shifted.sub(FloatPowers.ROUNDER + FloatPowers.BIAS));
      DoubleVector scale = shifted.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector power = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4])
          .lanewise(FMA, r, c[5]).lanewise(FMA, r, c[6]).lanewise(FMA, r, 1).mul(scale);
      IntVector signs = FloatVector.fromArray(HALF, a, ao + i).reinterpretAsInts().and(sign);
      ((FloatVector) power.convertShape(D2F, HALF, 0)).reinterpretAsInts().lanewise(XOR, signs)
          .reinterpretAsFloats().intoArray(y, yo + i);
    }
  }

  /// [#ordinaryLogarithms] of any arguments.
  private static void logarithms(float[] a, int ao, float[] b, int bo, float[] y, int n) {
    double[] c = FloatPowers.LOG2;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = ((DoubleVector) FloatVector.fromArray(HALF, a, ao + i).convertShape(F2D, DOUBLES, 0)).abs();
      LongVector bits = x.reinterpretAsLongs();
      LongVector power = bits.add(FloatPowers.TO_ONE).lanewise(LSHR, 52);
      DoubleVector whole = power.or(FloatPowers.TWO_52_BITS).reinterpretAsDoubles().sub(FloatPowers.TWO_52 + FloatPowers.BIAS);
      DoubleVector f = bits.sub(power.lanewise(LSHL, 52)).add(FloatPowers.ONE_BITS).reinterpretAsDoubles().sub(1);
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector log = z.fma(c[0], c[1]).lanewise(FMA, z, c[2]).lanewise(FMA, z, c[3]).lanewise(FMA, z, c[4]).fma(s, whole);
      x.blend(log, x.compare(LT, Double.POSITIVE_INFINITY)).blend(Double.NEGATIVE_INFINITY, x.compare(EQ, 0))
          .mul(FloatVector.fromArray(HALF, b, bo + i).convertShape(F2D, DOUBLES, 0)).reinterpretAsFloats().intoArray(y, 2 * i);
    }
  }

  /// [#ordinaryPowers] with the signs and special cases of `a[ao + i]` to the power `b[bo + i]`.
  private static void powers(float[] logs, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    double[] c = FloatPowers.EXP2;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector t = FloatVector.fromArray(VectorMath.SPECIES, logs, 2 * i).reinterpretAsDoubles();
      t = t.blend(-FloatPowers.MOST, t.compare(LT, -FloatPowers.MOST)).blend(FloatPowers.MOST, t.compare(GT, FloatPowers.MOST));
      DoubleVector shifted = t.add(FloatPowers.ROUNDER + FloatPowers.BIAS);
      DoubleVector r = t.sub(shifted.sub(FloatPowers.ROUNDER + FloatPowers.BIAS));
      DoubleVector scale = shifted.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector power = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4])
          .lanewise(FMA, r, c[5]).lanewise(FMA, r, c[6]).lanewise(FMA, r, 1).mul(scale);

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

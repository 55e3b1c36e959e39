package dev.rewind.tensor.kernel.random;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ROL;

import dev.rewind.tensor.kernel.elementwise.FloatPowers;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The tails of [NormalQuantile] on vectors, with its bits: probabilities far from one half are collected, and worked
/// on together. The logarithm has the steps of [StrictMath#log], which are those of `e_log.c` in Sun's fdlibm, for
/// arguments below one half. What is rare, one draw in a hundred thousand, is left to the definition.
final class VectorTails {
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class,
      LongVector.SPECIES_PREFERRED.vectorShape());
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, DOUBLES.vectorShape());
  private static final int LANES = DOUBLES.length();
  private static final int ROOM = RandomKernels.SPACE / 3;

  private static final long ONE_BITS = FloatPowers.ONE_BITS;
  private static final long TO_SQRT_2 = 0x95F64L << 32;
  private static final long FRACTION = 0xFFFFF;
  private static final long MIDDLE_FROM = 0x6147A;
  private static final long MIDDLE_TO = 0x6B851;
  private static final double LN2_HIGH = 6.93147180369123816490e-01;
  private static final double LN2_LOW = 1.90821492927058770002e-10;
  private static final double[] LG = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
      2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01};

  private VectorTails() {}

  /// Writes the quantiles of those of the `n` probabilities of the words that are not central to their places in `y[yo
  /// ..]`; `n` is a multiple of the lanes. The space holds probabilities, results and places, [#ROOM] each.
  static void normal(int[] words, int first, double[] space, double[] y, int yo, int n) {
    DoubleVector lanes = DoubleVector.zero(DOUBLES).addIndex(1);
    int count = 0;
    for (int i = 0; i < n; i += LANES) {
      LongVector w = IntVector.fromArray(INTS, words, first + 2 * i).reinterpretAsLongs().lanewise(ROL, 32);
      DoubleVector whole = w.lanewise(LSHR, 12).or(FloatPowers.TWO_52_BITS).reinterpretAsDoubles()
          .sub(FloatPowers.TWO_52);
      DoubleVector p = whole.add(0.5).mul(0x1p-52);
      VectorMask<Double> tail = p.sub(0.5).abs().compare(GT, NormalQuantile.CENTRE);
      p.compress(tail).intoArray(space, count);
      lanes.add(yo + i).compress(tail).intoArray(space, 2 * ROOM + count);
      count += tail.trueCount();
      if (count > ROOM - LANES) { // the next ones may find no room
        flush(space, count, y);
        count = 0;
      }
    }
    flush(space, count, y);
  }

  private static void flush(double[] space, int count, double[] y) {
    roots(space, count);
    ratios(space, count);
    for (int i = 0; i < count; i++) {
      double result = space[ROOM + i];
      y[(int) space[2 * ROOM + i]] = Double.isNaN(result) ? NormalQuantile.tail(space[i]) : result;
    }
  }

  /// `sqrt(-log(min(p, 1 - p)))` of the first `n` probabilities, or NaN where the logarithm goes other ways.
  private static void roots(double[] space, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v = DoubleVector.fromArray(DOUBLES, space, i);
      DoubleVector x = v.min(DoubleVector.broadcast(DOUBLES, 1).sub(v));
      LongVector bits = x.reinterpretAsLongs();
      LongVector power = bits.add(TO_SQRT_2).lanewise(LSHR, 52);
      LongVector high = bits.lanewise(LSHR, 32).and(FRACTION);
      DoubleVector k = power.or(FloatPowers.TWO_52_BITS).reinterpretAsDoubles()
          .sub(FloatPowers.TWO_52 + FloatPowers.BIAS);
      DoubleVector f = bits.sub(power.lanewise(LSHL, 52)).add(ONE_BITS).reinterpretAsDoubles().sub(1);
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector w = z.mul(z);
      DoubleVector even = w.mul(w.mul(w.mul(LG[5]).add(LG[3])).add(LG[1]));
      DoubleVector odd = z.mul(w.mul(w.mul(w.mul(LG[6]).add(LG[4])).add(LG[2])).add(LG[0]));
      DoubleVector series = odd.add(even);
      DoubleVector half = f.mul(0.5).mul(f);
      DoubleVector low = k.mul(LN2_LOW);
      DoubleVector inner = half.sub(s.mul(half.add(series)).add(low));
      DoubleVector outer = s.mul(f.sub(series)).sub(low);
      VectorMask<Double> middle = high.compare(GE, MIDDLE_FROM).and(high.compare(LE, MIDDLE_TO)).cast(DOUBLES);
      DoubleVector log = k.mul(LN2_HIGH).sub(outer.blend(inner, middle).sub(f));
      VectorMask<Double> nearOne = high.add(2).and(FRACTION).compare(LT, 3).cast(DOUBLES);
      log.neg().sqrt().blend(Double.NaN, nearOne).intoArray(space, ROOM + i);
    }
  }

  /// From the roots to the quantiles; NaN also where they are beyond the first of the two tails.
  private static void ratios(double[] space, int n) {
    double[] a = NormalQuantile.TAIL_ABOVE;
    double[] b = NormalQuantile.TAIL_BELOW;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector root = DoubleVector.fromArray(DOUBLES, space, ROOM + i);
      DoubleVector x = root.sub(1.6);
      DoubleVector above = x.mul(a[0]).add(a[1]).mul(x).add(a[2]).mul(x).add(a[3]).mul(x).add(a[4]).mul(x).add(a[5])
          .mul(x).add(a[6]).mul(x).add(a[7]);
      DoubleVector below = x.mul(b[0]).add(b[1]).mul(x).add(b[2]).mul(x).add(b[3]).mul(x).add(b[4]).mul(x).add(b[5])
          .mul(x).add(b[6]).mul(x).add(b[7]);
      DoubleVector size = above.div(below);
      size.blend(size.neg(), DoubleVector.fromArray(DOUBLES, space, i).compare(LT, 0.5))
          .blend(Double.NaN, root.compare(GT, 5))
          .intoArray(space, ROOM + i);
    }
  }
}

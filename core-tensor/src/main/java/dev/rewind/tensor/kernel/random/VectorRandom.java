package dev.rewind.tensor.kernel.random;

import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2D;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.ULT;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarRandom] on vectors: a block of the generator in each lane of longs, so that products of two words have room;
/// worth it from 256 bits on, and below that not all of it has instructions. Why nothing takes or returns a vector, and
/// the last draws go one by one: see `VectorExponentials`.
public final class VectorRandom implements RandomKernels {
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, LONGS.vectorShape());
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, LONGS.vectorShape());
  private static final VectorShape HALF = VectorShape.forBitSize(LONGS.vectorBitSize() / 2);
  private static final VectorSpecies<Integer> HALF_INTS = VectorSpecies.of(int.class, HALF);
  private static final VectorSpecies<Float> HALF_FLOATS = VectorSpecies.of(float.class, HALF);
  private static final VectorShuffle<Long> LOWER = VectorShuffle.makeZip(LONGS, 0);
  private static final VectorShuffle<Long> UPPER = VectorShuffle.makeZip(LONGS, 1);
  private static final int LANES = LONGS.length();
  private static final long LOW = 0xFFFFFFFFL;
  /// Or-ed to a long below 2^52, the bits of its sum with 2^52: many machines have no instruction to convert longs.
  private static final long TWO_52_BITS = 0x4330000000000000L;
  private static final double TWO_52 = 0x1p52;

  /// Whether this machine's vectors are wide enough.
  public static final boolean WIDE = LANES >= 4;

  private final RandomKernels scalar = ScalarRandom.INSTANCE;

  @Override
  public void words(long key, long high, long low, int[] out, int at, int blocks) {
    LongVector lanes = LongVector.zero(LONGS).addIndex(1);
    // Shifted, so that the compiler sees empty upper halves, and multiplies lower ones alone.
    LongVector multiplier0 = LongVector.broadcast(LONGS, Philox.MULTIPLIER_0 << 32).lanewise(LSHR, 32);
    LongVector multiplier1 = LongVector.broadcast(LONGS, Philox.MULTIPLIER_1 << 32).lanewise(LSHR, 32);
    int i = 0;
    for (; i <= blocks - 2 * LANES; i += 2 * LANES) { // two at once, d after c: every round waits for the one before
      LongVector c0 = lanes.add(low + i); // only the lower halves of these count
      LongVector c1 = c0.lanewise(LSHR, 32);
      LongVector c2 = LongVector.broadcast(LONGS, high);
      LongVector c3 = c2.lanewise(LSHR, 32);
      LongVector d0 = lanes.add(low + i + LANES);
      LongVector d1 = d0.lanewise(LSHR, 32);
      LongVector d2 = c2;
      LongVector d3 = c3;
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector product0 = c0.and(LOW).mul(multiplier0);
        LongVector product1 = c2.and(LOW).mul(multiplier1);
        LongVector product2 = d0.and(LOW).mul(multiplier0);
        LongVector product3 = d2.and(LOW).mul(multiplier1);
        c0 = product1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0);
        c1 = product1;
        c2 = product0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1);
        c3 = product0;
        d0 = product3.lanewise(LSHR, 32).lanewise(XOR, d1).lanewise(XOR, k0);
        d1 = product3;
        d2 = product2.lanewise(LSHR, 32).lanewise(XOR, d3).lanewise(XOR, k1);
        d3 = product2;
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      LongVector first = c0.and(LOW).or(c1.lanewise(LSHL, 32));
      LongVector second = c2.and(LOW).or(c3.lanewise(LSHL, 32));
      LongVector third = d0.and(LOW).or(d1.lanewise(LSHL, 32));
      LongVector fourth = d2.and(LOW).or(d3.lanewise(LSHL, 32));
      int to = at + i * Philox.WORDS;
      first.rearrange(LOWER, second).reinterpretAsInts().intoArray(out, to);
      first.rearrange(UPPER, second).reinterpretAsInts().intoArray(out, to + 2 * LANES);
      third.rearrange(LOWER, fourth).reinterpretAsInts().intoArray(out, to + 4 * LANES);
      third.rearrange(UPPER, fourth).reinterpretAsInts().intoArray(out, to + 6 * LANES);
    }
    Philox.blocks(key, high, low + i, out, at + i * Philox.WORDS, blocks - i);
  }

  @Override
  public void uniform(int[] words, int first, float low, float high, float[] y, int yo, int n) {
    if (low == high) {
      Arrays.fill(y, yo, yo + n, high);
      return;
    }
    float greatest = RandomKernels.greatest(low, high);
    double step = ((double) high - low) * 0x1p-24;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      IntVector w = IntVector.fromArray(HALF_INTS, words, first + i).lanewise(LSHR, 8);
      DoubleVector u = ((DoubleVector) w.convertShape(I2D, DOUBLES, 0)).mul(step).add(low);
      FloatVector v = (FloatVector) u.convertShape(D2F, HALF_FLOATS, 0);
      v.blend(greatest, v.compare(GT, greatest)).intoArray(y, yo + i); // a minimum minds zeros and NaN
    }
    scalar.uniform(words, first + i, low, high, y, yo + i, n - i);
  }

  @Override
  public void uniform(int[] words, int first, double low, double high, double[] y, int yo, int n) {
    double greatest = RandomKernels.greatest(low, high);
    double range = high - low;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      LongVector w = IntVector.fromArray(INTS, words, first + 2 * i).reinterpretAsLongs().lanewise(ROL, 32);
      DoubleVector half = w.lanewise(LSHR, 12).or(TWO_52_BITS).reinterpretAsDoubles().sub(TWO_52);
      DoubleVector odd = w.lanewise(LSHR, 11).and(1).or(TWO_52_BITS).reinterpretAsDoubles().sub(TWO_52);
      half.add(half).add(odd).mul(0x1p-53).mul(range).add(low).min(greatest).intoArray(y, yo + i);
    }
    scalar.uniform(words, first + 2 * i, low, high, y, yo + i, n - i);
  }

  /// All as if they were central, then the others again.
  @Override
  public void normal(int[] words, int first, double[] space, double[] y, int yo, int n) {
    double[] a = NormalQuantile.CENTRE_ABOVE;
    double[] b = NormalQuantile.CENTRE_BELOW;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      LongVector w = IntVector.fromArray(INTS, words, first + 2 * i).reinterpretAsLongs().lanewise(ROL, 32);
      DoubleVector whole = w.lanewise(LSHR, 12).or(TWO_52_BITS).reinterpretAsDoubles().sub(TWO_52);
      DoubleVector q = whole.add(0.5).mul(0x1p-52).sub(0.5);
      DoubleVector r = q.mul(q).neg().add(NormalQuantile.CENTRE_SQUARED);
      DoubleVector above = r.mul(a[0]).add(a[1]).mul(r).add(a[2]).mul(r).add(a[3]).mul(r).add(a[4]).mul(r).add(a[5])
          .mul(r).add(a[6]).mul(r).add(a[7]);
      DoubleVector below = r.mul(b[0]).add(b[1]).mul(r).add(b[2]).mul(r).add(b[3]).mul(r).add(b[4]).mul(r).add(b[5])
          .mul(r).add(b[6]).mul(r).add(b[7]);
      q.mul(above).div(below).intoArray(y, yo + i);
    }
    VectorTails.normal(words, first, space, y, yo, i);
    scalar.normal(words, first + 2 * i, space, y, yo + i, n - i);
  }

  @Override
  public void below(int[] words, int first, long threshold, boolean[] y, int yo, int n) {
    if (threshold > LOW) {
      Arrays.fill(y, yo, yo + n, true);
      return;
    }
    int bound = (int) threshold;
    int i = 0;
    for (; i <= n - INTS.length(); i += INTS.length()) {
      IntVector.fromArray(INTS, words, first + i).compare(ULT, bound).intoArray(y, yo + i);
    }
    scalar.below(words, first + i, threshold, y, yo + i, n - i);
  }
}

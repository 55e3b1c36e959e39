package dev.rewind.tensor.kernel.random;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// [Philox] on vectors: a block of the generator in each lane of longs, so that products of two words have room; worth
/// it from 256 bits on, and below that not all of it has instructions. The last blocks go one by one.
public final class VectorRandom extends Philox {
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final VectorShuffle<Long> LOWER = VectorShuffle.makeZip(LONGS, 0);
  private static final VectorShuffle<Long> UPPER = VectorShuffle.makeZip(LONGS, 1);
  private static final int LANES = LONGS.length();
  private static final long LOW = 0xFFFFFFFFL;

  /// Whether this machine's vectors are wide enough.
  public static final boolean WIDE = LANES >= 4;

  @Override
  public void words(long key, long high, long low, int[] out, int at, int blocks) {
    LongVector lanes = LongVector.zero(LONGS).addIndex(1);
    // Shifted, so that the compiler sees empty upper halves, and multiplies lower ones alone.
    LongVector multiplier0 = LongVector.broadcast(LONGS, MULTIPLIER_0 << 32).lanewise(LSHR, 32);
    LongVector multiplier1 = LongVector.broadcast(LONGS, MULTIPLIER_1 << 32).lanewise(LSHR, 32);
    int i = 0;
    for (; i <= blocks - LANES; i += LANES) {
      LongVector c0 = lanes.add(low + i); // only the lower halves of these count
      LongVector c1 = c0.lanewise(LSHR, 32);
      LongVector c2 = LongVector.broadcast(LONGS, high);
      LongVector c3 = c2.lanewise(LSHR, 32);
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < ROUNDS; round++) {
        LongVector product0 = c0.and(LOW).mul(multiplier0);
        LongVector product1 = c2.and(LOW).mul(multiplier1);
        c0 = product1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0);
        c1 = product1;
        c2 = product0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1);
        c3 = product0;
        k0 += WEYL_0;
        k1 += WEYL_1;
      }
      LongVector first = c0.and(LOW).or(c1.lanewise(LSHL, 32));
      LongVector second = c2.and(LOW).or(c3.lanewise(LSHL, 32));
      int to = at + i * WORDS;
      first.rearrange(LOWER, second).reinterpretAsInts().intoArray(out, to);
      first.rearrange(UPPER, second).reinterpretAsInts().intoArray(out, to + 2 * LANES);
    }
    super.words(key, high, low + i, out, at + i * WORDS, blocks - i);
  }
}

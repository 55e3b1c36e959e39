package dev.rewind.tensor.kernel.thread;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// Memory that products arrange their operands in, kept for the next ones: fresh arrays can cost more than the product
/// itself, because the system is slow to hand out pages. A few arrays at most are kept; if none is left, there is a new
/// one.
public final class Scratch {
  private static final int KEPT = 6;

  /// The longest array kept, in floats.
  static final int LONGEST = 1 << 22;

  private final AtomicReferenceArray<float[]> idle = new AtomicReferenceArray<>(KEPT);

  /// An array of at least `length` elements, of any content, for the caller alone until [#giveBack].
  public float[] borrow(int length) {
    for (int i = 0; i < KEPT; i++) {
      float[] array = idle.get(i);
      if (array != null && array.length >= length && idle.compareAndSet(i, array, null)) {
        return array;
      }
    }
    return new float[length <= 1 << 12 || length > LONGEST ? length : Integer.highestOneBit(length - 1) << 1];
  }

  /// Takes an array back; of too many, the longest stay.
  public void giveBack(float[] array) {
    if (array.length > LONGEST) {
      return;
    }
    float[] homeless = array;
    for (int i = 0; i < KEPT && homeless != null; i++) {
      float[] kept = idle.get(i);
      if ((kept == null || kept.length < homeless.length) && idle.compareAndSet(i, kept, homeless)) {
        homeless = kept;
      }
    }
  }
}

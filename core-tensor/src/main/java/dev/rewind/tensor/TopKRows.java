package dev.rewind.tensor;

/// The k largest elements of a row: a heap of k with the smallest on top, so that nearly all elements of a long
/// row cost one comparison. Elements are compared by a long that orders as they do, with NaN above all and -0 equal to
/// 0. Of equal elements the earlier one counts as larger.
final class TopKRows {
  private static final int BLOCK = 512;

  private final long[] keys;
  private final int[] indices;
  private final long[] block = new long[BLOCK];
  private int count;

  TopKRows(int k) {
    keys = new long[k];
    indices = new int[k];
  }

  /// Writes where the k largest of the `n >= k > 0` elements of `x` from `start` on are, largest first, to
  /// `result[to ..]`.
  void find(Storage x, int start, int n, int[] result, int to) {
    count = 0;
    for (int from = 0; from < n; from += BLOCK) {
      int length = Math.min(BLOCK, n - from);
      fillBlock(x, start + from, length);
      int filled = Math.min(length, keys.length - count);
      for (int i = 0; i < filled; i++) {
        rise(block[i], from + i);
      }
      replaceLess(from, filled, length);
    }
    for (int i = keys.length - 1; i >= 0; i--) {
      result[to + i] = indices[0];
      count--;
      sink(keys[count], indices[count]);
    }
  }

  private void replaceLess(int from, int start, int end) {
    long least = keys[0];
    for (int i = start; i < end; i++) {
      if (block[i] > least) {   // an equal one comes later, and loses
        sink(block[i], from + i);
        least = keys[0];
      }
    }
  }

  private void fillBlock(Storage x, int start, int n) {
    switch (x) {
      case Storage.Floats s -> {
        float[] values = s.array;
        for (int i = 0; i < n; i++) {
          int bits = Float.floatToIntBits(values[start + i] + 0f);   // -0 + 0 is 0
          block[i] = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        }
      }
      case Storage.Doubles s -> {
        double[] values = s.array;
        for (int i = 0; i < n; i++) {
          long bits = Double.doubleToLongBits(values[start + i] + 0.0);
          block[i] = bits ^ (bits >> 63 & Long.MAX_VALUE);
        }
      }
      case Storage.Ints s -> {
        for (int i = 0; i < n; i++) {
          block[i] = s.array[start + i];
        }
      }
      case Storage.Booleans s -> throw new AssertionError();
    }
  }

  private static boolean isLess(long key, int index, long otherKey, int otherIndex) {
    return key < otherKey || key == otherKey && index > otherIndex;
  }

  private void rise(long key, int index) {
    int at = count++;
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!isLess(key, index, keys[parent], indices[parent])) {
        break;
      }
      put(at, keys[parent], indices[parent]);
      at = parent;
    }
    put(at, key, index);
  }

  /// Replaces the least of the first `count` elements.
  private void sink(long key, int index) {
    int at = 0;
    for (int child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && isLess(keys[child + 1], indices[child + 1], keys[child], indices[child])) {
        child++;
      }
      if (!isLess(keys[child], indices[child], key, index)) {
        break;
      }
      put(at, keys[child], indices[child]);
      at = child;
    }
    put(at, key, index);
  }

  private void put(int at, long key, int index) {
    keys[at] = key;
    indices[at] = index;
  }
}

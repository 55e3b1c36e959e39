package dev.rewind.nn.fused;

import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// Symbols and classes by number.
public final class Ids {
  private Ids() {}

  /// The elements of INT32 ids, if all are in `[0, limit)`.
  ///
  /// @param what the operation and what an id is of, for the message
  /// @param kept which matter, or null
  /// @throws IndexOutOfBoundsException naming the first that is not, and its position
  public static int[] require(String what, Tensor ids, boolean[] kept, int limit) {
    int[] all = ids.toInts();
    for (int i = 0; i < all.length; i++) {
      if ((kept == null || kept[i]) && (all[i] < 0 || all[i] >= limit)) {
        throw new IndexOutOfBoundsException(what + " " + all[i] + " at " + Arrays.toString(ids.shape().index(i))
            + " is not in [0, " + limit + ")");
      }
    }
    return all;
  }
}

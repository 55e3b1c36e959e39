package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;

/// One vector for each sequence out of one for each step, `[batch, time, size]` to `[batch, size]`, as a classifier of
/// sequences needs it. Padding does not matter: it may be NaN, and its gradient is zero.
///
/// ```java
/// Variable outputs = lstm.forward(embedded, lengths).outputs();   // [B, T, H]
/// Variable logits = projection.forward(Pooling.max(outputs, lengths));   // [B, H] -> [B, classes]
/// ```
///
/// All take the length of each sequence, `[batch]`; left out if all last to the end. A sequence of length 0 has nothing
/// to pool and is refused.
public final class Pooling {
  private Pooling() {}

  /// The vector at the last step of each sequence. (The last state of a cell has it too. Of a reader in both
  /// directions, whose backward half has seen one step there, take the states, or [#mean] or [#max].)
  ///
  /// @throws ShapeException if `x` is not `[batch, time >= 1, size]`, or there are more or fewer lengths
  /// @throws IllegalArgumentException naming a sequence whose length is not in `[1, time]`
  public static Variable last(Variable x, int[]... lengths) {
    Lengths checked = require("last", x, lengths);
    int time = x.size(1);
    int[] rows = IntStream.range(0, x.size(0)).map(b -> b * time + checked.of(b) - 1).toArray();
    return x.reshape(x.size(0) * time, x.size(2)).gather(Tensor.of(rows, rows.length), 0);
  }

  /// The mean over the steps of each sequence. Errors as for [#last].
  public static Variable mean(Variable x, int[]... lengths) {
    Lengths checked = require("mean", x, lengths);
    Tensor counts = Tensor.of(checked.toInts(), x.size(0), 1).to(x.dtype());
    return checked.zeroPadding(x).sum(1).divide(x.tape().constant(counts));
  }

  /// The greatest element over the steps of each sequence, for each place of the vector; equal ones share the gradient
  /// as in [Variable#max]. Errors as for [#last].
  public static Variable max(Variable x, int[]... lengths) {
    Lengths checked = require("max", x, lengths);
    Tensor least = Tensor.full(x.dtype(), Double.NEGATIVE_INFINITY);
    return Variable.where(checked.mask().unsqueeze(2), x, x.tape().constant(least)).max(1);
  }

  private static Lengths require(String operation, Variable x, int[][] lengths) {
    if (x.rank() != 3 || x.size(1) == 0 || !x.dtype().isFloating()) {
      throw new ShapeException("pooling: " + operation + " wants floating [batch, time >= 1, size], not " + x.dtype()
          + " " + x.shape());
    }
    Lengths checked = Lengths.of("pooling: " + operation, lengths, x.size(0), x.size(1));
    for (int b = 0; b < x.size(0); b++) {
      if (checked.of(b) == 0) {
        throw new IllegalArgumentException("pooling: " + operation + " of sequence " + b
            + ", which has length 0 and no step to take; leave it out of the batch, or give it a step of padding");
      }
    }
    return checked;
  }
}

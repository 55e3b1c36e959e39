package dev.rewind.nn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// Sets elements to zero, each by its own draw, and scales the others up so that the mean stays the same
/// (Srivastava et al. 2014). It acts where the tape has an `Rng`: in training.
public final class Dropout implements Layer {
  private final double rate;

  /// Drops elements at this rate.
  ///
  /// @throws IllegalArgumentException if it is not in `[0, 1)`
  public Dropout(double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout: the rate must be in [0, 1), not " + rate);
    }
    this.rate = rate;
  }

  /// Whether elements are dropped on this tape: in training, unless the rate is 0.
  ///
  /// @throws IllegalStateException if the tape records, and nothing was said about randomness; see [Tape#rng]
  public boolean acts(Tape tape) {
    return rate > 0 && tape.rng("dropout").isPresent();
  }

  /// `x` with elements dropped in training, else `x` itself. Errors as for [#acts].
  @Override
  public Variable forward(Variable x) {
    if (!acts(x.tape())) {
      return x;
    }
    Rng rng = x.tape().rng("dropout").orElseThrow();
    Tensor kept = Tensor.bernoulli(rng, 1 - rate, x.shape().sizes());
    Variable scaled = x.times(x.tape().constant(Tensor.ones(x.dtype()).divide(1 - rate)));
    // also where an element is infinite
    return Variable.where(kept, scaled, x.tape().constant(Tensor.zeros(x.dtype())));
  }

  @Override
  public String toString() {
    return "Dropout(" + rate + ")";
  }
}

package dev.rewind.nn.cells;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The sLSTM of xLSTM (Beck et al. 2024), with one head: an LSTM whose input gate is exponential, so that what it reads
/// now can outweigh all that it kept. `n` counts what was let in; `m`, the logarithm of the largest weight so far,
/// keeps numbers in range, and has no influence on `h`.
///
/// ```
/// [i f z o] = x weight_ih' + bias + h weight_hh'
/// k = m + log sigmoid(f)    m = max(k, i)
/// c = exp(k - m) * c + exp(i - m) * tanh(z)
/// n = exp(k - m) * n + exp(i - m)
/// h = sigmoid(o) * c / n
/// ```
public final class SLstmCell extends RecurrentCell<SLstmCell.Memory> {
  private static final double NOTHING_YET = -1e30;

  private final Gates gates;

  /// The state, `[batch, hidden]` each.
  ///
  /// @param h the output
  /// @param c the memory, scaled by `exp(-m)`
  /// @param n what was let in, scaled alike
  /// @param m the logarithm of the scale
  public record Memory(Variable h, Variable c, Variable n, Variable m) implements State<Memory> {
    @Override
    public Parts<Memory> parts() {
      return new Parts<>(List.of("h", "c", "n", "m"), List.of(h, c, n, m),
          x -> new Memory(x.get(0), x.get(1), x.get(2), x.get(3)));
    }

    @Override
    public String toString() {
      return State.describe(this);
    }
  }

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public SLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, SLstmCell::nothing);
    gates = gates(4, hidden, rng);
  }

  private static Memory nothing(Tape tape, int batch, int hidden) {
    Variable zeros = State.zeros(tape, batch, hidden);
    Variable least = tape.constant(Tensor.full(tape.dtype(DType.FLOAT32), NOTHING_YET, batch, hidden));
    return new Memory(zeros, zeros, zeros, least);
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<Memory> stepPrepared(Variable prepared, Memory old) {
    List<Variable> sums = gates.blocks(prepared, old.h()); // 4 x [B, H]
    Variable kept = old.m().plus(sums.get(1).logSigmoid());
    Variable m = kept.maximum(sums.get(0));
    Variable f = kept.minus(m).exp().named("f");
    Variable i = sums.get(0).minus(m).exp().named("i");
    Variable c = f.times(old.c()).plus(i.times(sums.get(2).tanh())).named("c");
    Variable n = f.times(old.n()).plus(i).named("n");
    Variable h = sums.get(3).sigmoid().times(c.divide(n)).named("h");
    return new Step<>(h, new Memory(h, c, n, m));
  }
}

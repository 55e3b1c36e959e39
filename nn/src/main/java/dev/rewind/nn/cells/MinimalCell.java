package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedLayer;
import dev.rewind.nn.fused.GatedRecurrence;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.LinearRecurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/// A cell whose gates and candidate depend on the input alone (Feng et al. 2024), so that a scan computes them for all
/// steps at once; what is left is `h = (1 - z) * h + z * n`.
abstract sealed class MinimalCell extends RecurrentCell<HiddenState> permits MinGruCell, MinLstmCell {
  private final int blocks;
  private final Param inputWeight; // [blocks * hidden, inputs]
  private final Param bias; // [blocks * hidden]

  MinimalCell(int inputSize, int hidden, int blocks, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    double limit = 1 / Math.sqrt(inputSize);
    this.blocks = blocks;
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, blocks * hidden, inputSize));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, blocks * hidden));
  }

  @Override
  public final Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  /// The blocks of one step, `[batch, hidden]` each.
  final List<Variable> blocks(Variable prepared) {
    return requirePrepared(prepared, blocks * outputSize()).split(1, blocks);
  }

  /// Of which `z` is the logistic function, of blocks of all steps; the last of them is `n`.
  abstract Variable logit(List<Variable> blocks);

  /// All steps at once, where no observer wants to see them one by one.
  @Override
  public final Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
    if (inputs.tape().options().observer().isPresent()) {
      return super.scan(inputs, state, lengths);
    }
    return scanPrepared(prepare(inputs), state, lengths);
  }

  @Override
  public final Scanned<HiddenState> scanSymbols(Variable table, Tensor ids, HiddenState state, Lengths lengths) {
    if (table.size(0) >= ids.elements() || table.tape().options().observer().isPresent()) {
      return scan(lengths.zeroPadding(table.gather(ids, 0)), state, lengths);
    }
    return scanPrepared(prepare(table).gather(ids, 0), state, lengths);
  }

  private Scanned<HiddenState> scanPrepared(Variable prepared, HiddenState state, Lengths lengths) {
    List<Variable> all = prepared.split(2, blocks); // each [batch, time, hidden]
    return scan(logit(all), all.getLast(), state, lengths);
  }

  static Scanned<HiddenState> scan(Variable u, Variable n, HiddenState state, Lengths lengths) {
    Supplier<List<Variable>> composite = () -> composite(u, n, state, lengths).variables();
    return Scanned.of(state, FusedLayer.serves(u, state.leaves(), lengths.toInts())
        ? GatedRecurrence.run(u, n, state.h(), lengths.toInts(), composite) : composite.get());
  }

  /// The definition. Padding keeps all and adds nothing, and its output is zeros.
  private static Scanned<HiddenState> composite(Variable u, Variable n, HiddenState state, Lengths lengths) {
    Variable kept = u.negate().sigmoid(); // 1 - z without cancellation
    Variable added = lengths.zeroPadding(u.sigmoid().times(n));
    if (!lengths.isFull()) {
      kept = Variable.where(lengths.mask().unsqueeze(2), kept, u.tape().constant(Tensor.ones(u.dtype())));
    }
    Variable h = LinearRecurrence.scan(kept, added, state.h());
    return new Scanned<>(lengths.zeroPadding(h), new HiddenState(h.select(1, -1)));
  }
}

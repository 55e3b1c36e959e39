package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.fused.FusedLayer;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// A cell that runs over a sequence as one operation where that serves: in FLOAT32, without an observer of the gates.
///
/// @param <S> the state of the cell
abstract sealed class FusedCell<S extends State<S>> extends RecurrentCell<S> permits LstmCell, GruCell, RnnCell {
  private final FusedKind kind;

  /// A cell whose parameters are `weight_ih`, `weight_hh`, and the bias or both biases, in this order.
  FusedCell(FusedKind kind, int inputSize, int hidden, Zeros<S> zeros) {
    super(inputSize, hidden, zeros);
    this.kind = kind;
  }

  @Override
  public final Scanned<S> scan(Variable inputs, S state, Lengths lengths) {
    if (!FusedLayer.serves(inputs, state.leaves(), lengths.toInts())) {
      return super.scan(inputs, state, lengths);
    }
    List<Variable> weights = parameters().stream().map(inputs.tape()::watch).toList();
    return Scanned.of(state, FusedLayer.run(this, kind, inputs, null, weights, state.leaves(), lengths.toInts(),
        () -> super.scan(inputs, state, lengths).variables()));
  }

  /// The table is multiplied by the input weight if that is less work than doing so with every vector.
  @Override
  public final Scanned<S> scanSymbols(Variable table, Tensor ids, S state, Lengths lengths) {
    if (table.size(0) >= ids.elements() || !FusedLayer.serves(table, state.leaves(), lengths.toInts())) {
      return scan(lengths.zeroPadding(table.gather(ids, 0)), state, lengths);
    }
    Variable symbols = table.tape().constant(ids);
    Variable sums = kind.ordered(prepare(table));
    List<Variable> weights = parameters().stream().filter(p -> p.name().endsWith("_hh")).map(table.tape()::watch)
        .toList();
    return Scanned.of(state, FusedLayer.run(this, kind, sums, ids, weights, state.leaves(), lengths.toInts(),
        () -> Recurrence.scanPrepared(this, kind.restored(sums).gather(symbols, 0), state, lengths)
            .variables()));
  }
}

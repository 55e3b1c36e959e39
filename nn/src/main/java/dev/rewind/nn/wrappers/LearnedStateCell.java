package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A cell whose initial state is learned, instead of zeros: every sequence starts from the same parameters. They begin
/// as what the cell starts from, are called `start_h`, `start_c`, or `start_0_h` for a leaf `0.h`, and have the shape
/// of the leaf without the batch; those of the cell are under `cell`.
///
/// ```java
/// Cell<LstmState> cell = new LearnedStateCell<>(new LstmCell(4, 6, rng));
/// ```
///
/// A driver that is given no state, or what `initialState` makes, passes gradients on to them; a state that is carried
/// from window to window does not. Wrappers with a mask, such as [VariationalStateCell], go around this one.
///
/// @param <S> the state of the cell
public final class LearnedStateCell<S extends State<S>> extends WrapperCell<S, S> {
  private final Map<String, Param> starts = new LinkedHashMap<>(); // by leaf, each a leaf without the batch

  /// Learns the leaves of these names, all others stay what the cell starts from.
  ///
  /// @param leaves names such as `h`; all leaves if none is given
  /// @throws IllegalArgumentException if the state has no leaf of that name, or one is not floating, has an axis of
  ///     size 0, or is a mask
  public LearnedStateCell(Cell<S> cell, String... leaves) {
    super(cell);
    try (Tape tape = Tape.inference()) {
      S state = cell.initialState(tape, 1);
      for (String leaf : leaves.length == 0 ? state.names() : List.of(leaves)) {
        Tensor value = state.leaf(leaf).value();
        if (!value.dtype().isFloating() || value.elements() == 0 || leaf.matches("(.*\\.)?mask")) {
          throw new IllegalArgumentException("learned state: leaf " + leaf + ", " + value.dtype() + " " + value.shape()
              + ", cannot be learned; name those that shall be, of " + state.names());
        }
        starts.put(leaf, parameter("start_" + leaf.replace('.', '_'), value.squeeze(0).copy()));
      }
    }
  }

  @Override
  public S initialState(Tape tape, int batch) {
    S state = cell.initialState(tape, batch);
    for (Map.Entry<String, Param> start : starts.entrySet()) {
      state = state.map(start.getKey(), leaf -> tape.watch(start.getValue()).expand(leaf.shape()));
    }
    return state;
  }

  @Override
  public Scanned<S> scan(Variable inputs, S state, Lengths lengths) {
    return cell.scan(inputs, state, lengths);
  }

  @Override
  public Scanned<S> scanSymbols(Variable table, Tensor ids, S state, Lengths lengths) {
    return cell.scanSymbols(table, ids, state, lengths);
  }

  @Override
  public Step<S> stepPrepared(Variable prepared, S state) {
    return cell.stepPrepared(prepared, state);
  }
}

package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Dropout;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Cells of one kind on top of one another: each reads the output of the one below. Between them elements are dropped
/// in training.
///
/// @param <S> the state of one cell
public final class StackedCell<S extends State<S>> extends Block implements Cell<StackedState<S>> {
  private final List<Cell<S>> cells;
  private final Dropout dropout;

  /// Cells, the lowest first, without dropout.
  ///
  /// @throws IllegalArgumentException if there is none, one is repeated, or sizes do not fit
  public StackedCell(List<? extends Cell<S>> cells) {
    this(cells, 0);
  }

  /// Cells, the lowest first; `dropout` is the rate at which elements are dropped between two.
  ///
  /// @throws IllegalArgumentException if there is none, one is repeated, or sizes do not fit
  public StackedCell(List<? extends Cell<S>> cells, double dropout) {
    this.cells = List.copyOf(cells);
    this.dropout = new Dropout(dropout);
    if (cells.isEmpty()) {
      throw new IllegalArgumentException("stack: no cells");
    }
    Set<Cell<S>> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int k = 0; k < cells.size(); k++) {
      if (!distinct.add(cells.get(k))) {
        throw new IllegalArgumentException(
            "stack: layer " + k + " is a cell that is already in it, and would share its weights; make a new one");
      }
      if (k > 0 && cells.get(k).inputSize() != cells.get(k - 1).outputSize()) {
        throw new IllegalArgumentException("stack: layer " + k + " reads vectors of " + cells.get(k).inputSize()
            + ", layer " + (k - 1) + " gives " + cells.get(k - 1).outputSize());
      }
      childIfBlock(Integer.toString(k), cells.get(k));
    }
  }

  @Override
  public int inputSize() {
    return cells.getFirst().inputSize();
  }

  @Override
  public int outputSize() {
    return cells.getLast().outputSize();
  }

  /// The cells, the lowest first.
  public List<Cell<S>> cells() {
    return cells;
  }

  @Override
  public Variable prepare(Variable input) {
    return input.tape().scope("0", () -> cells.getFirst().prepare(input));
  }

  @Override
  public StackedState<S> initialState(Tape tape, int batch) {
    return new StackedState<>(cells.stream().map(cell -> cell.initialState(tape, batch)).toList());
  }

  /// Layer by layer, each over all steps.
  @Override
  public Scanned<StackedState<S>> scan(Variable inputs, StackedState<S> state, Lengths lengths) {
    S first = state.layers().getFirst();
    return scanRest(inputs.tape().scope("0", () -> cells.getFirst().scan(inputs, first, lengths)), state, lengths);
  }

  /// Layer by layer, each over all steps.
  @Override
  public Scanned<StackedState<S>> scanSymbols(Variable table, Tensor ids, StackedState<S> state, Lengths lengths) {
    S first = state.layers().getFirst();
    return scanRest(
        table.tape().scope("0", () -> cells.getFirst().scanSymbols(table, ids, first, lengths)), state, lengths);
  }

  /// The layers above the first.
  private Scanned<StackedState<S>> scanRest(Scanned<S> lowest, StackedState<S> state, Lengths lengths) {
    List<S> states = new ArrayList<>(List.of(lowest.state()));
    Variable x = lowest.outputs();
    for (int k = 1; k < cells.size(); k++) {
      Cell<S> cell = cells.get(k);
      S before = state.layers().get(k);
      Variable input = dropout.forward(x);
      Scanned<S> run = x.tape().scope(Integer.toString(k), () -> cell.scan(input, before, lengths));
      states.add(run.state());
      x = run.outputs();
    }
    return new Scanned<>(x, new StackedState<>(List.copyOf(states)));
  }

  @Override
  public Step<StackedState<S>> stepPrepared(Variable prepared, StackedState<S> state) {
    List<S> states = new ArrayList<>(cells.size());
    Variable x = prepared;
    for (int k = 0; k < cells.size(); k++) {
      Cell<S> cell = cells.get(k);
      S before = state.layers().get(k);
      Variable input = k == 0 ? x : dropout.forward(x);
      boolean isPrepared = k == 0;
      Step<S> step = x.tape().scope(
          Integer.toString(k), () -> cell.stepPrepared(isPrepared ? input : cell.prepare(input), before));
      states.add(step.state());
      x = step.output();
    }
    return new Step<>(x, new StackedState<>(List.copyOf(states)));
  }
}

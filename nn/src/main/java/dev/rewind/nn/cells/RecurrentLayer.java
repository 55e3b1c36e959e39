package dev.rewind.nn.cells;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Shapes;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/// What [Lstm], [Gru] and [Rnn] have in common: layers of cells, in one direction or two, over whole sequences. The
/// cells are ordinary ones, each run in its fastest form; in a loop over the steps they give the same numbers, to
/// rounding.
///
/// ```java
/// Lstm lstm = new Lstm(RecurrentOptions.of(64, 128).withLayers(2).withDropout(0.3), rng);
/// Scanned<StackedState<LstmState>> run = lstm.forward(embedded, lstm.initialState(tape, batch), lengths);
/// ```
///
/// Parameters are named as PyTorch names them: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, and with `_reverse` behind
/// it those of the cell that reads from the end. Where the formula needs only one bias vector, it is `bias_ih_l0`.
///
/// @param <S> the state of one cell
public abstract sealed class RecurrentLayer<S extends State<S>> extends Block permits Lstm, Gru, Rnn {
  private final RecurrentOptions options;
  private final List<Cell<S>> cells = new ArrayList<>();
  private final Dropout dropout;

  /// @param maker of a cell, from the size of its inputs
  <C extends Block & Cell<S>> RecurrentLayer(RecurrentOptions options, BiFunction<Integer, Rng, C> maker, Rng rng) {
    this.options = options;
    this.dropout = new Dropout(options.dropout());
    for (int layer = 0; layer < options.layers(); layer++) {
      int inputs = layer == 0 ? options.inputSize() : outputSize();
      for (int direction = 0; direction < options.directions(); direction++) {
        String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        C cell = maker.apply(inputs, rng.split(suffix));
        cell.namedParameters().forEach(
            (name, parameter) -> parameter((name.equals("bias") ? "bias_ih" : name) + suffix, parameter));
        cells.add(cell);
      }
    }
  }

  /// The options that this was made with.
  public final RecurrentOptions options() {
    return options;
  }

  /// The length of an output vector.
  public final int outputSize() {
    return options.directions() * options.hidden();
  }

  /// The cells, the lowest layer first; of two directions, that from the first step first. They share their parameters
  /// with this layer.
  public final List<Cell<S>> cells() {
    return List.copyOf(cells);
  }

  /// All layers as one cell, for drivers that go step by step, [dev.rewind.nn.generate.Sessions] among them; states are
  /// those of this layer.
  ///
  /// @throws IllegalStateException if this reads in both directions
  public final StackedCell<S> stacked() {
    if (options.bidirectional()) {
      throw new IllegalStateException("stacked: a layer that also reads from the end cannot go step by step");
    }
    return new StackedCell<>(cells, options.dropout());
  }

  /// The states of all cells before they have read anything, in the order of [#cells].
  public final StackedState<S> initialState(Tape tape, int batch) {
    return new StackedState<>(cells.stream().map(cell -> cell.initialState(tape, batch)).toList());
  }

  /// Reads sequences from the initial state; see [#forward(Variable, StackedState, int\[\]...)].
  ///
  /// @param inputs `[batch, time, inputs]`, at least one step
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  public final Scanned<StackedState<S>> forward(Variable inputs, int[]... lengths) {
    Recurrence.requireInputs("forward", cells.getFirst(), inputs);
    return forward(inputs, initialState(inputs.tape(), inputs.size(0)), lengths);
  }

  /// Reads sequences from a state. After its end a sequence's outputs are zeros and its state stays what it was;
  /// padding does not matter.
  ///
  /// @param inputs `[batch, time, inputs]`, at least one step
  /// @param state of each cell, in the order of [#cells]
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  /// @return outputs `[batch, time, outputs]`, of two directions side by side, and the states in which the cells end; a
  ///     cell that reads from the end ends at the first step
  /// @throws dev.rewind.tensor.ShapeException if sizes do not fit
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`, or if there are more or fewer states
  ///     than cells
  public final Scanned<StackedState<S>> forward(Variable inputs, StackedState<S> state, int[]... lengths) {
    Recurrence.requireInputs("forward", cells.getFirst(), inputs);
    if (state.layers().size() != cells.size()) {
      throw new IllegalArgumentException(
          "forward: " + state.layers().size() + " states for " + cells.size() + " cells");
    }
    List<S> states = new ArrayList<>(cells.size());
    Variable x = inputs;
    for (int layer = 0; layer < options.layers(); layer++) {
      x = layer == 0 ? x : dropout.forward(x);
      List<Variable> outputs = new ArrayList<>(options.directions());
      for (int direction = 0; direction < options.directions(); direction++) {
        Scanned<S> run = scan(states.size(), direction == 1, x, state, lengths);
        outputs.add(run.outputs());
        states.add(run.state());
      }
      x = outputs.size() == 1 ? outputs.getFirst() : Variable.concat(-1, outputs);
    }
    return new Scanned<>(Shapes.note(this, x), new StackedState<>(List.copyOf(states)));
  }

  private Scanned<S> scan(int k, boolean reversed, Variable x, StackedState<S> state, int[][] lengths) {
    Cell<S> cell = cells.get(k);
    S before = state.layers().get(k);
    return x.tape().scope(Integer.toString(k), () -> reversed
        ? Recurrence.scanReversed(cell, x, before, lengths)
        : Recurrence.scan(cell, x, before, lengths));
  }
}

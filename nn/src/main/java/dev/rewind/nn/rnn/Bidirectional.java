package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Shapes;
import java.util.List;

/// Two cells over the same sequences (Schuster and Paliwal 1997): one from the first step to the last, one from the
/// last to the first, each sequence from its own end. The output at a step is that of both, one after the other on the
/// feature axis, so that it has seen the whole sequence. Cells with parameters are modules, here registered as
/// `forward` and `backward`.
///
/// @param <A> the state of the cell from the first step to the last
/// @param <B> the state of the cell from the last step to the first
public final class Bidirectional<A extends State<A>, B extends State<B>> extends Block {
  private final Cell<A> forward;
  private final Cell<B> backward;

  /// A cell for each direction.
  ///
  /// @throws IllegalArgumentException if both are one object, or read vectors of different sizes
  public Bidirectional(Cell<A> forward, Cell<B> backward) {
    if ((Object) forward == backward) {
      throw new IllegalArgumentException(
          "bidirectional: both are the same cell and would share its weights; make a new one");
    }
    if (forward.inputSize() != backward.inputSize()) {
      throw new IllegalArgumentException("bidirectional: one cell reads vectors of " + forward.inputSize()
          + ", the other of " + backward.inputSize());
    }
    this.forward = childIfBlock("forward", forward);
    this.backward = childIfBlock("backward", backward);
  }

  /// Both cells, that from the first step first.
  public List<Cell<?>> cells() {
    return List.of(forward, backward);
  }

  /// The size of an input vector.
  public int inputSize() {
    return forward.inputSize();
  }

  /// The size of an output vector: that of both cells.
  public int outputSize() {
    return forward.outputSize() + backward.outputSize();
  }

  /// The states from which the two cells start, `first` at the first step, `second` at the last.
  public PairState<A, B> initialState(Tape tape, int batch) {
    return new PairState<>(forward.initialState(tape, batch), backward.initialState(tape, batch));
  }

  /// Both cells over the time axis from their initial states; see [#scan(Variable, PairState, int\[\]...)].
  public Scanned<PairState<A, B>> scan(Variable inputs, int[]... lengths) {
    Recurrence.requireInputs("scan", forward, inputs);
    return scan(inputs, initialState(inputs.tape(), inputs.size(0)), lengths);
  }

  /// Both cells over the time axis, as in [Recurrence#scan].
  ///
  /// @param inputs `[batch, time, inputs]`, at least one step
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  /// @return outputs `[batch, time, outputs]`; `first` is the state after the last step, `second` that after the first
  public Scanned<PairState<A, B>> scan(Variable inputs, PairState<A, B> state, int[]... lengths) {
    Tape tape = inputs.tape();
    Scanned<A> a = tape.scope("forward", () -> Recurrence.scan(forward, inputs, state.first(), lengths));
    Scanned<B> b = tape.scope("backward", () -> Recurrence.scanReversed(backward, inputs, state.second(), lengths));
    Variable outputs = Variable.concat(-1, List.of(a.outputs(), b.outputs()));
    return new Scanned<>(Shapes.note(this, outputs), new PairState<>(a.state(), b.state()));
  }
}

package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import java.util.List;

/// Two cells of any kinds, of which the second reads the output of the first. Cells with parameters are modules, here
/// registered as `first` and `second`.
///
/// @param <A> the state of the first
/// @param <B> the state of the second
public final class ThenCell<A extends State<A>, B extends State<B>> extends Block implements Cell<PairState<A, B>> {
  private final Cell<A> first;
  private final Cell<B> second;

  /// A cell and the one above it.
  ///
  /// @throws IllegalArgumentException if both are one object, or the sizes do not fit
  public ThenCell(Cell<A> first, Cell<B> second) {
    if ((Object) first == second) {
      throw new IllegalArgumentException("then: both are the same cell and would share its weights; make a new one");
    }
    if (second.inputSize() != first.outputSize()) {
      throw new IllegalArgumentException("then: the second cell reads vectors of " + second.inputSize()
          + ", the first gives " + first.outputSize());
    }
    this.first = childIfBlock("first", first);
    this.second = childIfBlock("second", second);
  }

  /// Both, the first one first.
  public List<Cell<?>> cells() {
    return List.of(first, second);
  }

  @Override
  public int inputSize() {
    return first.inputSize();
  }

  @Override
  public int outputSize() {
    return second.outputSize();
  }

  @Override
  public Variable prepare(Variable input) {
    return input.tape().scope("first", () -> first.prepare(input));
  }

  @Override
  public PairState<A, B> initialState(Tape tape, int batch) {
    return new PairState<>(first.initialState(tape, batch), second.initialState(tape, batch));
  }

  @Override
  public Scanned<PairState<A, B>> scan(Variable inputs, PairState<A, B> state, Lengths lengths) {
    Tape tape = inputs.tape();
    Scanned<A> below = tape.scope("first", () -> first.scan(inputs, state.first(), lengths));
    Scanned<B> above = tape.scope("second", () -> second.scan(below.outputs(), state.second(), lengths));
    return new Scanned<>(above.outputs(), new PairState<>(below.state(), above.state()));
  }

  @Override
  public Step<PairState<A, B>> stepPrepared(Variable prepared, PairState<A, B> state) {
    Tape tape = prepared.tape();
    Step<A> below = tape.scope("first", () -> first.stepPrepared(prepared, state.first()));
    Step<B> above = tape.scope("second", () -> second.stepPrepared(second.prepare(below.output()), state.second()));
    return new Step<>(above.output(), new PairState<>(below.state(), above.state()));
  }
}

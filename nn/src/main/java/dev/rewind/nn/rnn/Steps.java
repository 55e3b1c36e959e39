package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/// A cell step by step, each when it is asked for. A sequence that has ended gives zeros and keeps its state.
///
/// @param <S> the state of the cell
final class Steps<S extends State<S>> implements Iterator<Step<S>> {
  private final Cell<S> cell;
  private final List<Variable> prepared; // of the steps that are computed, [batch, prepared] each
  private final Lengths lengths;
  private final Variable zeros; // a scalar
  private S state;
  private int t;

  /// @param inputs of the steps that are computed, one step after another, `[steps * batch, inputs]`
  Steps(Cell<S> cell, Variable inputs, S state, Lengths lengths) {
    this(cell, state, lengths, lengths.computed() == 0 ? inputs : cell.prepare(inputs));
  }

  private Steps(Cell<S> cell, S state, Lengths lengths, Variable prepared) {
    this.cell = cell;
    this.prepared = lengths.computed() == 0 ? List.of() : prepared.split(0, lengths.computed());
    this.lengths = lengths;
    this.zeros = prepared.tape().constant(Tensor.zeros(prepared.dtype()));
    this.state = state;
  }

  /// The same with what the cell has already prepared of all steps.
  static <S extends State<S>> Steps<S> ofPrepared(Cell<S> cell, Variable prepared, S state, Lengths lengths) {
    return new Steps<>(cell, state, lengths, prepared);
  }

  /// What `f` gives, which takes all steps.
  <T> T fuseRows(Supplier<T> f) {
    List<Variable> beginning = new ArrayList<>(prepared);
    beginning.addAll(state.leaves());
    return zeros.tape().fuseRows(lengths.batch(), beginning, f);
  }

  @Override
  public boolean hasNext() {
    return t < lengths.time();
  }

  @Override
  public Step<S> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("steps: all " + lengths.time() + " are done");
    }
    Step<S> step = t < prepared.size() ? within(cell.stepPrepared(prepared.get(t), state))
        : new Step<>(nothing(), state);
    state = step.state();
    t++;
    return step;
  }

  private Step<S> within(Step<S> step) {
    if (t < lengths.shortest()) {
      return step;
    }
    Tensor going = lengths.reach(t);
    return new Step<>(
        Variable.where(wide(going, step.output()), step.output(), zeros),
        step.state().zip(state, (after, before) -> after == before ? after // as a memory, which is only read
            : Variable.where(wide(going, after), after, before)));
  }

  private Variable nothing() {
    Tape tape = zeros.tape();
    return tape.constant(Tensor.zeros(zeros.dtype(), lengths.batch(), cell.outputSize()));
  }

  /// A mask `[batch]` as `[batch, 1, ..]` of the rank of a variable.
  static Tensor wide(Tensor mask, Variable like) {
    int[] sizes = new int[like.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = mask.size(0);
    return mask.reshape(sizes);
  }
}

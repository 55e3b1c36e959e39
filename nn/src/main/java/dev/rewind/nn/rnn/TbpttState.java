package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// What truncated back-propagation through time (Williams and Peng 1990) carries from window to window: the values of a
/// cell's state, through which no gradient flows.
///
/// ```java
/// try (Tape tape = Tape.training(rng)) {
///   Scanned<LstmState> run = Recurrence.scan(cell, tape.constant(window), carried.on(tape));
///   Gradients gradients = tape.gradients(loss(run.outputs()));
///   optimizer.step(gradients);
///   carried.keep(run.state());
/// }
/// ```
///
/// Sequences that start over begin with the initial state of the cell; if that is learned, it gets their gradient.
///
/// @param <S> the state of the cell
public final class TbpttState<S extends State<S>> {
  private static final String FRESH = "fresh";

  private final Cell<S> cell;
  private final boolean[] fresh; // [batch], sequences that begin anew
  private Map<String, Tensor> leaves = Map.of(); // none while all begin anew

  /// For a batch of sequences that all begin.
  ///
  /// @throws IllegalArgumentException if there is none
  public TbpttState(Cell<S> cell, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("carried state: a batch of " + batch + "; it must be at least 1");
    }
    this.cell = cell;
    this.fresh = new boolean[batch];
    reset();
  }

  /// The state that the next window starts from, on its tape.
  public S on(Tape tape) {
    S first = cell.initialState(tape, fresh.length);
    if (leaves.isEmpty()) {
      return first;
    }
    S carried = first.withLeaves(leaves.values().stream().map(tape::constant).toList());
    Tensor begins = Tensor.of(fresh, fresh.length);
    return anyFresh() ? first.zip(carried, (a, b) -> Variable.where(Steps.wide(begins, a), a, b)) : carried;
  }

  private boolean anyFresh() {
    return IntStream.range(0, fresh.length).anyMatch(b -> fresh[b]);
  }

  /// Takes the values of the state after a window; its tape may be closed before or after.
  ///
  /// @throws ShapeException if it is of another batch
  public void keep(S state) {
    for (Variable leaf : state.leaves()) {
      if (leaf.size(0) != fresh.length) {
        throw new ShapeException(
            "carried state: a batch of " + fresh.length + ", but state with leaves of shape " + leaf.shape());
      }
    }
    leaves = copies(state);
    Arrays.fill(fresh, false);
  }

  /// Lets all sequences start over, as at the start of an epoch.
  public void reset() {
    Arrays.fill(fresh, true);
    leaves = Map.of();
  }

  /// Lets some sequences start over with the next window: those whose document has ended.
  ///
  /// @param ended for each sequence, `[batch]`
  /// @throws ShapeException if there are more or fewer
  public void reset(boolean[] ended) {
    if (ended.length != fresh.length) {
      throw new ShapeException(
          "carried state: a batch of " + fresh.length + ", but " + ended.length + " to reset or not");
    }
    for (int b = 0; b < fresh.length; b++) {
      fresh[b] |= ended[b];
    }
  }

  // ---- saving -------------------------------------------------------------------------------------------------------

  /// Everything that is carried: the leaves by name, such as `1.h`, and `fresh`, BOOL `[batch]`, if some sequences
  /// begin anew. Empty if all do.
  public Map<String, Tensor> state() {
    Map<String, Tensor> named = new LinkedHashMap<>(leaves);
    named.replaceAll((_, leaf) -> leaf.copy());
    if (!leaves.isEmpty() && anyFresh()) {
      named.put(FRESH, Tensor.of(fresh, fresh.length));
    }
    return named;
  }

  private static Map<String, Tensor> copies(State<?> state) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    state.names().forEach(name -> named.put(name, state.leaf(name).value().copy()));
    return named;
  }

  /// Continues from what [#state] returned.
  ///
  /// @throws IllegalArgumentException naming every leaf that is missing, unknown, or of another shape or dtype
  public void load(Map<String, Tensor> state) {
    if (state.isEmpty()) {
      reset();
      return;
    }
    Map<String, Tensor> given = new LinkedHashMap<>(state);
    given.putIfAbsent(FRESH, Tensor.zeros(DType.BOOL, fresh.length));
    Map<String, Tensor> mine;
    try (Tape tape = Tape.inference()) {
      mine = copies(cell.initialState(tape, fresh.length));
    }
    mine.put(FRESH, Tensor.of(fresh, fresh.length));
    Names.requireLike("carried state", mine, given, " is not a leaf of this cell");
    mine.replaceAll((name, _) -> given.get(name).copy());
    System.arraycopy(mine.remove(FRESH).toBooleans(), 0, fresh, 0, fresh.length);
    leaves = mine;
  }

  @Override
  public String toString() {
    return "TbpttState(batch " + fresh.length + (leaves.isEmpty() ? ", all begin anew"
        : ", leaves " + leaves.values().stream().map(Tensor::shape).toList() + (anyFresh() ? ", some begin anew" : ""))
        + ")";
  }
}

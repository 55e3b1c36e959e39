package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
/// Sequences that begin anew start from the initial state of the cell; if that is learned, it gets their gradient.
///
/// @param <S> the state of the cell
public final class TbpttState<S extends State<S>> {
  private static final String FRESH = "fresh";

  private final Cell<S> cell;
  private final boolean[] fresh; // [batch], sequences that begin anew
  private List<Tensor> leaves = List.of(); // none while all begin anew

  /// Of a batch of sequences that all begin.
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
    S carried = first.withLeaves(leaves.stream().map(tape::constant).toList());
    return anyFresh() ? first.zip(carried, this::where) : carried;
  }

  private Variable where(Variable first, Variable carried) {
    int[] sizes = new int[first.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = fresh.length;
    return Variable.where(Tensor.of(fresh, sizes), first, carried);
  }

  private boolean anyFresh() {
    for (boolean row : fresh) {
      if (row) {
        return true;
      }
    }
    return false;
  }

  /// Takes over the values of the state after a window; the tape that it is on may be closed before or after.
  ///
  /// @throws ShapeException if it is of another batch
  public void keep(S state) {
    for (Variable leaf : state.leaves()) {
      if (leaf.size(0) != fresh.length) {
        throw new ShapeException(
            "carried state: a batch of " + fresh.length + ", but state with leaves of shape " + leaf.shape());
      }
    }
    leaves = state.leaves().stream().map(leaf -> leaf.value().copy()).toList();
    Arrays.fill(fresh, false);
  }

  /// Lets all sequences begin anew, as at the start of an epoch.
  public void reset() {
    Arrays.fill(fresh, true);
    leaves = List.of();
  }

  /// Lets some sequences begin anew with the next window: those whose document has ended.
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

  /// All that is carried: the leaves by name, as `1.h`, and `fresh`, BOOL `[batch]`, if some sequences begin anew.
  /// Empty if all do.
  public Map<String, Tensor> state() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    if (!leaves.isEmpty()) {
      List<String> names = names();
      for (int k = 0; k < leaves.size(); k++) {
        named.put(names.get(k), leaves.get(k).copy());
      }
      if (anyFresh()) {
        named.put(FRESH, Tensor.of(fresh, fresh.length));
      }
    }
    return named;
  }

  /// Goes on from what [#state] gave.
  ///
  /// @throws IllegalArgumentException naming the first leaf that is missing, too many, or of another shape or dtype
  public void load(Map<String, Tensor> state) {
    List<Tensor> values = state.isEmpty() ? List.of() : leavesOf(state);
    Tensor some = state.getOrDefault(FRESH, Tensor.zeros(DType.BOOL, fresh.length));
    requireLike(FRESH, some, Tensor.of(fresh, fresh.length));
    leaves = values;
    System.arraycopy(some.toBooleans(), 0, fresh, 0, fresh.length);
    if (state.isEmpty()) {
      reset();
    }
  }

  private List<Tensor> leavesOf(Map<String, Tensor> state) {
    List<Tensor> values = new ArrayList<>();
    List<String> names = names();
    state.keySet().stream().filter(name -> !names.contains(name) && !name.equals(FRESH)).findFirst().ifPresent(name -> {
      throw new IllegalArgumentException("carried state: " + name + " is not a leaf of this cell; they are " + names);
    });
    try (Tape tape = Tape.inference()) {
      List<Variable> like = cell.initialState(tape, fresh.length).leaves();
      for (int k = 0; k < names.size(); k++) {
        Tensor value = state.get(names.get(k));
        if (value == null) {
          throw new IllegalArgumentException(
              "carried state: " + names.get(k) + " is missing; there are " + state.keySet());
        }
        requireLike(names.get(k), value, like.get(k).value());
        values.add(value.copy());
      }
    }
    return List.copyOf(values);
  }

  private static void requireLike(String name, Tensor value, Tensor like) {
    if (!value.shape().equals(like.shape()) || value.dtype() != like.dtype()) {
      throw new IllegalArgumentException("carried state: " + name + " is " + value.dtype() + " " + value.shape()
          + ", wanted " + like.dtype() + " " + like.shape());
    }
  }

  private List<String> names() {
    try (Tape tape = Tape.inference()) {
      return cell.initialState(tape, fresh.length).names();
    }
  }

  @Override
  public String toString() {
    return "TbpttState(batch " + fresh.length + (leaves.isEmpty() ? ", all begin anew"
        : ", leaves " + leaves.stream().map(Tensor::shape).toList() + (anyFresh() ? ", some begin anew" : "")) + ")";
  }
}

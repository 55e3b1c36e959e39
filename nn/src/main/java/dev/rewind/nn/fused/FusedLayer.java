package dev.rewind.nn.fused;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.Workspace;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One recurrent layer over a sequence as a single recorded operation; a second derivative goes back to the steps of
/// the cell.
public final class FusedLayer {
  private FusedLayer() {}

  /// Whether the operation serves: it computes in FLOAT32, shows no gates, and wants something to do.
  public static boolean serves(Variable x, List<Variable> state, int[] lengths) {
    return x.dtype() == DType.FLOAT32 && x.value().elements() > 0 && FusedSequence.longest(lengths) > 0
        && x.tape().options().observer().isEmpty()
        && state.stream().allMatch(leaf -> leaf.dtype() == DType.FLOAT32);
  }

  /// Runs a layer on vectors, or on symbols.
  ///
  /// @param owner the layer: it finds its buffers again
  /// @param x vectors `[batch, time, inputs]`, or what each symbol contributes to the sums, with the bias, in the order
  ///     of [FusedKind], `[symbols, inputBlocks * hidden]`
  /// @param ids of symbols, INT32 `[batch, time]`, or null
  /// @param weights for vectors `weight_ih`, `weight_hh`, the bias or both biases; for symbols `weight_hh`, and
  ///     `bias_hh` if there is one
  /// @param state the leaves of the first state
  /// @param composite the same by steps
  /// @return the outputs `[batch, time, hidden]` and the leaves of the last state
  public static List<Variable> run(Object owner, FusedKind kind, Variable x, Tensor ids, List<Variable> weights,
      List<Variable> state, int[] lengths, Supplier<List<Variable>> composite) {
    Tensor batched = ids == null ? x.value() : ids;
    int hidden = weights.get(ids == null ? 1 : 0).size(1);
    int ahead = ids == null ? x.size(2) + 1 : kind.hasHiddenBias() ? 1 : 0;
    requireState(kind, state, batched.size(0), hidden);
    int[] rows = ids == null ? null : ids.toInts();
    FusedKind.Sizes sizes = new FusedKind.Sizes(kind, batched.size(0), batched.size(1), ahead, hidden);
    return run(owner, sizes, new Arguments(x, rows, weights, state), lengths, composite);
  }

  private static void requireState(FusedKind kind, List<Variable> state, int batch, int hidden) {
    Shape wanted = Shape.of(batch, hidden);
    for (Variable leaf : state) {
      if (!leaf.shape().equals(wanted)) {
        throw new ShapeException(kind.operation + ": wants a state of " + wanted + ", not " + leaf.shape());
      }
    }
  }

  private static List<Variable> run(
      Object owner, FusedKind.Sizes sizes, Arguments a, int[] lengths, Supplier<List<Variable>> composite) {
    Tape tape = a.x.tape();
    FusedKind kind = sizes.kind();
    Key key = new Key(owner, sizes);
    FusedSequence sequence = tape.borrow(SEQUENCES, key);
    sequence.weights().use(a.laidOut());
    List<Tensor> results = forward(sequence, sizes, a, lengths);
    List<Variable> variables = Op.recordFused(kind.operation, results, a.all(),
        g -> {
          if (sequence.isSpent()) {
            forward(sequence, sizes, a, lengths); // the graph was retained: one more backward pass
          }
          return backward(tape, sequence, sizes, a, g);
        },
        composite);
    if (!variables.getFirst().isTracked()) {
      tape.giveBack(SEQUENCES, key, sequence);
    }
    return variables;
  }

  private static List<Tensor> forward(FusedSequence sequence, FusedKind.Sizes sizes, Arguments a, int[] lengths) {
    List<Tensor> results = new ArrayList<>(
        List.of(Tensor.zeros(DType.FLOAT32, sizes.batch(), sizes.steps(), sizes.hidden())));
    a.state.forEach(leaf -> results.add(Tensor.zeros(DType.FLOAT32, sizes.batch(), sizes.hidden())));
    List<float[]> arrays = results.stream().map(RawAccess::floats).toList();
    sequence.forward(a.input(), a.state.stream().map(FusedLayer::rows).toList(), lengths, arrays.getFirst(),
        arrays.subList(1, arrays.size()));
    return results;
  }

  private record Key(Object owner, FusedKind.Sizes sizes) {}

  private static final Workspace.Kind<Key, FusedSequence> SEQUENCES = Workspace.Kind
      .of(key -> new FusedSequence(key.sizes));
  private static final Workspace.Kind<FusedKind.Sizes, FusedGradients> GRADIENTS = Workspace.Kind
      .of(FusedGradients::new);

  /// What a layer depends on.
  ///
  /// @param x vectors, or a table
  /// @param ids rows of the table, or null
  /// @param weights those for vectors, or those of the state alone
  private record Arguments(Variable x, int[] ids, List<Variable> weights, List<Variable> state) {
    List<Variable> all() {
      return Stream.of(List.of(x), weights, state).flatMap(List::stream).toList();
    }

    FusedSequence.Input input() {
      return new FusedSequence.Input(rows(x), ids);
    }

    /// The values of the weights; with a table those of the state stand for those that are not read.
    List<Tensor> laidOut() {
      List<Tensor> values = weights.stream().map(Variable::value).toList();
      Tensor state = values.getFirst();
      return ids == null ? values : List.of(state, state, state, values.getLast());
    }
  }

  private static Rows rows(Variable variable) {
    return Rows.of(variable.value());
  }

  private static List<Variable> backward(
      Tape tape, FusedSequence sequence, FusedKind.Sizes sizes, Arguments a, List<Variable> g) {
    Workspace workspace = tape.options().workspace();
    FusedGradients work = workspace.borrow(GRADIENTS, sizes);
    List<float[]> states = List.of(work.dh, work.dc);
    for (int k = 0; k < a.state.size(); k++) {
      start(states.get(k), g.get(1 + k));
    }
    Tensor dx = a.x.isTracked() ? Tensor.zeros(DType.FLOAT32, a.x.shape()) : null;
    sequence.backward(g.getFirst() == null ? null : rows(g.getFirst()), work,
        dx == null || a.ids != null ? null : RawAccess.floats(dx));
    if (dx != null && a.ids != null) {
      sequence.tableGradient(a.ids, RawAccess.floats(dx));
    }
    if (a.weights.stream().anyMatch(Variable::isTracked)) {
      sequence.weightGradients(work);
    }
    List<Variable> gradients = new ArrayList<>();
    gradients.add(dx == null ? null : tape.constant(dx));
    for (int k = 0; k < a.weights.size(); k++) {
      int which = a.ids == null ? k : 2 * k + 1; // of all weights, those of the state
      gradients.add(a.weights.get(k).isTracked() ? weight(tape, which, sizes, work, a.weights.get(k)) : null);
    }
    for (int k = 0; k < a.state.size(); k++) {
      gradients.add(a.state.get(k).isTracked() ? copy(tape, states.get(k), a.state.get(k)) : null);
    }
    workspace.giveBack(GRADIENTS, sizes, work);
    return gradients;
  }

  /// The gradient of a last state, where the backward pass begins: zeros if nothing depends on it.
  private static void start(float[] target, Variable g) {
    if (g == null) {
      Arrays.fill(target, 0);
    } else {
      Tensor.wrap(target, g.shape().sizes()).assign(g.value());
    }
  }

  private static Variable copy(Tape tape, float[] values, Variable like) {
    return tape.constant(Tensor.wrap(values.clone(), like.shape().sizes()));
  }

  /// The gradient of a weight or bias from the blocks to which it contributes.
  private static Variable weight(Tape tape, int which, FusedKind.Sizes sizes, FusedGradients work, Variable like) {
    FusedKind kind = sizes.kind();
    int hidden = sizes.hidden();
    boolean ofInput = which == 0 || which == 2;
    int row = which == 0 ? 0 : which == 1 ? sizes.ahead() : sizes.inputs();
    int size = like.value().elements() / like.size(0); // of a row of the weight
    Tensor all = Tensor.wrap(work.weights, sizes.columns(), sizes.width()).slice(1, row, row + size);
    Tensor rows = ofInput ? kind.restored(all.slice(0, 0, sizes.inputColumns()))
        : all.slice(0, kind.hiddenFrom * hidden, sizes.columns());
    return tape.constant(rows.copy().reshape(like.shape().sizes()));
  }
}

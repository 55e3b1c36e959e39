package dev.rewind.nn.rnn;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.Workspace;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.FloatMatrices;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// One LSTM layer over a sequence as a single recorded operation; a second derivative goes back to the steps of the cell.
final class FusedLstm {
  private FusedLstm() {}

  /// Whether the operation serves: it computes in FLOAT32, shows no gates, and wants something to do.
  static boolean serves(Variable x, LstmState state, Lengths lengths) {
    return lengths.longest() > 0 && x.dtype() == DType.FLOAT32 && state.h().dtype() == DType.FLOAT32 && x.value().elements() > 0
        && x.tape().options().observer().isEmpty();
  }

  /// Runs a layer.
  ///
  /// @param x `[batch, time, inputs]`
  /// @param weights `weight_ih`, `weight_hh`, `bias`
  /// @param composite the same by steps
  static Scanned<LstmState> run(Object owner, Variable x, List<Variable> weights, LstmState state, Lengths lengths,
      Supplier<Scanned<LstmState>> composite) {
    Tape tape = x.tape();
    LstmSlopes.Sizes sizes = new LstmSlopes.Sizes(x.size(0), x.size(1), x.size(2), state.h().size(1));
    LstmSequence sequence =
        tape.borrow(new Key(owner, sizes), LstmSequence.class, () -> new LstmSequence(sizes));
    Arguments a = new Arguments(x, weights.get(0), weights.get(1), weights.get(2), state.h(), state.c());
    sequence.weights().use(LstmWeights.Source.of(a.input.value(), a.hidden.value(), a.bias.value()));
    Tensor outputs = Tensor.zeros(DType.FLOAT32, sizes.batch(), sizes.steps(), sizes.hidden());
    Tensor h = Tensor.zeros(DType.FLOAT32, sizes.batch(), sizes.hidden());
    Tensor c = Tensor.zeros(DType.FLOAT32, sizes.batch(), sizes.hidden());
    sequence.forward(slice(x), slice(a.h), slice(a.c), lengths, outputs.floatArray(), h.floatArray(), c.floatArray());
    List<Variable> results = Op.recordFused("lstm", List.of(outputs, h, c), a.all(),
        g -> backward(tape, sequence, sizes, a, g),
        () -> {
          Scanned<LstmState> run = composite.get();
          return List.of(run.outputs(), run.state().h(), run.state().c());
        });
    return new Scanned<>(results.get(0), new LstmState(results.get(1), results.get(2)));
  }

  private record Key(Object owner, LstmSlopes.Sizes sizes) {}

  private record Arguments(Variable x, Variable input, Variable hidden, Variable bias, Variable h, Variable c) {
    List<Variable> all() {
      return List.of(x, input, hidden, bias, h, c);
    }
  }

  private static Slice slice(Variable variable) {
    return Slice.of(variable.value());
  }

  private static List<Variable> backward(
      Tape tape, LstmSequence sequence, LstmSlopes.Sizes sizes, Arguments a, List<Variable> g) {
    Workspace workspace = tape.options().workspace();
    LstmSlopes slopes = workspace.borrow(sizes, LstmSlopes.class, () -> new LstmSlopes(sizes));
    start(slopes.dh, g.get(1));
    start(slopes.dc, g.get(2));
    Tensor dx = a.x.isTracked() ? Tensor.zeros(DType.FLOAT32, a.x.shape()) : null;
    sequence.backward(g.get(0) == null ? null : slice(g.get(0)), slopes, dx == null ? null : dx.floatArray());
    boolean learns = a.input.isTracked() || a.hidden.isTracked() || a.bias.isTracked();
    if (learns) {
      sequence.weightSlopes(slopes);
    }
    int inputs = sizes.inputs();
    List<Variable> gradients = Arrays.asList(
        dx == null ? null : tape.constant(dx),
        a.input.isTracked() ? weight(tape, slopes.weights, 0, a.input) : null,
        a.hidden.isTracked() ? weight(tape, slopes.weights, inputs + 1, a.hidden) : null,
        a.bias.isTracked() ? vector(tape, slopes.weights, inputs * 4 * sizes.hidden(), a.bias) : null,
        a.h.isTracked() ? vector(tape, slopes.dh, 0, a.h) : null,
        a.c.isTracked() ? vector(tape, slopes.dc, 0, a.c) : null);
    workspace.giveBack(sizes, LstmSlopes.class, slopes);
    return gradients;
  }

  /// The gradient of a last state, where the way back begins: zeros if nothing depends on it.
  private static void start(float[] target, Variable g) {
    if (g == null) {
      Arrays.fill(target, 0);
    } else {
      Slice from = slice(g);
      System.arraycopy(from.array(), from.offset(), target, 0, target.length);
    }
  }

  /// A copy of some rows of `[.., 4H]`, transposed to the shape of a weight.
  private static Variable weight(Tape tape, float[] slopes, int row, Variable like) {
    int gates = like.size(0);
    Tensor gradient = Tensor.zeros(DType.FLOAT32, like.shape());
    FloatMatrices.transpose(gates, like.size(1), slopes, row * gates, gates, gradient.floatArray(), 0, like.size(1));
    return tape.constant(gradient);
  }

  private static Variable vector(Tape tape, float[] values, int from, Variable like) {
    Tensor copy = Tensor.wrap(Arrays.copyOfRange(values, from, from + like.value().elements()), like.shape().sizes());
    return tape.constant(copy);
  }
}

package dev.rewind.nn.rnn;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.LstmSequence.Slice;
import dev.rewind.nn.rnn.LstmSequence.Weights;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// One LSTM layer over a sequence as a single recorded operation; a second derivative goes back to the steps of the cell.
final class FusedLstm {
  private FusedLstm() {}

  /// Whether the operation serves: it computes in FLOAT32, and shows no gates.
  static boolean serves(Variable x, LstmState state) {
    return x.dtype() == DType.FLOAT32 && state.h().dtype() == DType.FLOAT32 && x.value().elements() > 0
        && x.tape().options().observer().isEmpty();
  }

  /// Runs a layer.
  ///
  /// @param x `[batch, time, inputs]`
  /// @param weights `weight_ih`, `weight_hh`, `bias`
  /// @param composite the same by steps
  static Scanned<LstmState> run(
      Object owner, Variable x, List<Variable> weights, LstmState state, Supplier<Scanned<LstmState>> composite) {
    Tape tape = x.tape();
    int batch = x.size(0);
    int steps = x.size(1);
    int hidden = state.h().size(1);
    LstmSequence sequence = tape.borrow(new Key(owner, batch, steps), LstmSequence.class,
        () -> new LstmSequence(batch, steps, x.size(2), hidden));
    Arguments a = new Arguments(x, weights.get(0), weights.get(1), weights.get(2), state.h(), state.c());
    Tensor outputs = Tensor.zeros(DType.FLOAT32, batch, steps, hidden);
    Tensor memory = Tensor.zeros(DType.FLOAT32, batch, hidden);
    sequence.forward(slice(x), a.values(), slice(a.h), slice(a.c), outputs.floatArray(), memory.floatArray());
    List<Variable> results = Op.recordFused("lstm", List.of(outputs, memory), a.all(),
        g -> backward(tape, sequence, a, outputs, g),
        () -> {
          Scanned<LstmState> run = composite.get();
          return List.of(run.outputs(), run.state().c());
        });
    Variable all = results.get(0);
    return new Scanned<>(all, new LstmState(all.select(1, -1), results.get(1)));
  }

  private record Key(Object owner, int batch, int steps) {}

  private record Arguments(Variable x, Variable input, Variable hidden, Variable bias, Variable h, Variable c) {
    List<Variable> all() {
      return List.of(x, input, hidden, bias, h, c);
    }

    Weights values() {
      return new Weights(slice(input), slice(hidden), slice(bias));
    }
  }

  private static Slice slice(Variable variable) {
    return slice(variable.value());
  }

  private static Slice slice(Tensor tensor) {
    Tensor row = tensor.contiguous();
    return new Slice(row.floatArray(), row.offset());
  }

  private static List<Variable> backward(
      Tape tape, LstmSequence sequence, Arguments a, Tensor outputs, List<Variable> g) {
    int[] state = a.h.shape().sizes();
    int n = state[0] * state[1];
    float[] dh = new float[n];
    float[] dc = LstmSequence.copyOrZeros(g.get(1) == null ? null : slice(g.get(1)), n);
    sequence.backward(g.get(0) == null ? null : slice(g.get(0)), a.values(), slice(a.c), dh, dc);
    return Arrays.asList(
        a.x.isTracked() ? gradient(tape, sequence.inputSlopes(a.values()), a.x) : null,
        a.input.isTracked() ? gradient(tape, sequence.inputWeightSlopes(slice(a.x)), a.input) : null,
        a.hidden.isTracked()
            ? gradient(tape, sequence.hiddenWeightSlopes(slice(a.h), outputs.floatArray()), a.hidden) : null,
        a.bias.isTracked() ? gradient(tape, sequence.biasSlopes(), a.bias) : null,
        a.h.isTracked() ? gradient(tape, dh, a.h) : null,
        a.c.isTracked() ? gradient(tape, dc, a.c) : null);
  }

  private static Variable gradient(Tape tape, float[] values, Variable like) {
    return tape.constant(Tensor.wrap(values, like.shape().sizes()));
  }
}

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
import dev.rewind.tensor.Threads;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The recurrence `h = h + z * (n - h)` with `z = sigmoid(u)`, which is all of a cell whose gate and candidate do not
/// depend on its state. In FLOAT32 it is one operation that goes over the sequences once, with the bits of the steps of
/// such a cell; otherwise, and for a second derivative, a [dev.rewind.nn.rnn.LinearRecurrence].
///
/// The backward pass, with `d` the gradient of `h` as it collects from the end: that of `n` is `d * z`, that of `u` is
/// `d * (n - h) * z * (1 - z)`, and `d - d * z` goes to the step before.
public final class GatedRecurrence {
  private final int batch;
  private final int steps;
  private final int hidden;
  private final float[] states; // [B, T + 1, H], h before each step and after the last
  private final float[] gates; // [B, T, H], z

  private GatedRecurrence(Sizes sizes) {
    this.batch = sizes.batch;
    this.steps = sizes.steps;
    this.hidden = sizes.hidden;
    this.states = new float[Math.multiplyExact(Math.multiplyExact(batch, steps + 1), hidden)];
    this.gates = new float[batch * steps * hidden];
  }

  private record Sizes(int batch, int steps, int hidden) {}

  private static final Workspace.Kind<Sizes, GatedRecurrence> BUFFERS = Workspace.Kind.of(GatedRecurrence::new);

  /// All steps.
  ///
  /// @param u whose logistic function is the weight of the new, `[batch, time, hidden]`
  /// @param n the candidates, likewise
  /// @param h the state before the first step, `[batch, hidden]`
  /// @param composite the same of operations that can be differentiated again
  /// @return the states of all steps and the last one
  public static List<Variable> run(
      Variable u, Variable n, Variable h, int[] lengths, Supplier<List<Variable>> composite) {
    Tape tape = u.tape();
    Sizes sizes = new Sizes(u.size(0), u.size(1), u.size(2));
    if (!h.shape().equals(Shape.of(sizes.batch, sizes.hidden))) {
      throw new ShapeException("gated recurrence: wants a state of " + Shape.of(sizes.batch, sizes.hidden) + ", not "
          + h.shape());
    }
    GatedRecurrence run = tape.borrow(BUFFERS, sizes);
    Tensor outputs = Tensor.zeros(DType.FLOAT32, u.shape());
    Tensor last = Tensor.zeros(DType.FLOAT32, sizes.batch, sizes.hidden);
    run.forward(Rows.of(u.value()), Rows.of(n.value()), Rows.of(h.value()), lengths, RawAccess.floats(outputs),
        RawAccess.floats(last));
    List<Variable> results = Op.recordFused("gated recurrence", List.of(outputs, last), List.of(u, n, h),
        g -> run.backward(tape, n, lengths, g), composite);
    if (!results.getFirst().isTracked()) {
      tape.giveBack(BUFFERS, sizes, run);
    }
    return results;
  }

  private void forward(Rows u, Rows n, Rows first, int[] lengths, float[] outputs, float[] last) {
    Threads.forEach(batch, row -> {
      System.arraycopy(first.array(), first.at(row), states, state(row, 0), hidden);
      for (int t = 0; t < lengths[row]; t++) {
        int z = step(row, t);
        int h = state(row, t);
        int next = h + hidden;
        Floats.sigmoid(u.array(), u.at(row, t), gates, z, hidden);
        Floats.minus(n.array(), n.at(row, t), states, h, states, next, hidden);
        Floats.times(gates, z, states, next, states, next, hidden);
        Floats.plus(states, h, states, next, states, next, hidden);
      }
      System.arraycopy(states, state(row, 1), outputs, step(row, 0), lengths[row] * hidden);
      System.arraycopy(states, state(row, lengths[row]), last, row * hidden, hidden);
    });
  }

  private List<Variable> backward(Tape tape, Variable n, int[] lengths, List<Variable> g) {
    Rows candidates = Rows.of(n.value());
    Tensor du = Tensor.zeros(DType.FLOAT32, n.shape());
    Tensor dn = Tensor.zeros(DType.FLOAT32, n.shape());
    Tensor dh = g.getLast() == null
        ? Tensor.zeros(DType.FLOAT32, batch, hidden) : g.getLast().value().copy();
    Rows outputs = g.getFirst() == null ? null : Rows.of(g.getFirst().value());
    Threads.forEach(batch, row -> {
      for (int t = lengths[row] - 1; t >= 0; t--) {
        back(row, t, candidates, outputs, RawAccess.floats(dh), RawAccess.floats(du), RawAccess.floats(dn));
      }
    });
    return Stream.of(du, dn, dh).map(tape::constant).toList();
  }

  private void back(int row, int t, Rows n, Rows outputs, float[] dh, float[] du, float[] dn) {
    int z = step(row, t);
    int d = row * hidden;
    if (outputs != null) {
      Floats.plus(dh, d, outputs.array(), outputs.at(row, t), dh, d, hidden);
    }
    Floats.minus(n.array(), n.at(row, t), states, state(row, t), du, z, hidden);
    Floats.times(dh, d, du, z, du, z, hidden);
    Floats.sigmoidBackward(du, z, gates, z, du, z, hidden);
    Floats.times(dh, d, gates, z, dn, z, hidden);
    Floats.minus(dh, d, dn, z, dh, d, hidden);
  }

  private int step(int row, int t) {
    return (row * steps + t) * hidden;
  }

  private int state(int row, int t) {
    return (row * (steps + 1) + t) * hidden;
  }
}

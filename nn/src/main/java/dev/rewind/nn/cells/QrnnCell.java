package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The quasi-recurrent network (Bradbury et al. 2017), whose gates depend on the last few inputs and on no state, so
/// that a scan computes them for all steps at once and leaves a [dev.rewind.nn.rnn.LinearRecurrence]; with the paper's
/// fo-pooling. With `w = [x x1 .. ]` the inputs of a window, the present one first:
///
/// ```
/// [z f o] = w input.weight' + input.bias
/// c = sigmoid(f) * c + (1 - sigmoid(f)) * tanh(z)
/// h = sigmoid(o) * c
/// ```
public final class QrnnCell extends RecurrentCell<QrnnCell.Memory> {
  private final int window;
  private final Linear input; // [3H, window * F]

  /// The state.
  ///
  /// @param c the memory, `[batch, hidden]`
  /// @param x the inputs before, the last one first, `[batch, (window - 1) * inputs]`
  public record Memory(Variable c, Variable x) implements State<Memory> {
    @Override
    public Parts<Memory> parts() {
      return Parts.of("c", c, "x", x, Memory::new);
    }

    @Override
    public String toString() {
      return State.describe(this);
    }
  }

  /// With a window of 2, the present input and the one before.
  public QrnnCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, 2, rng);
  }

  /// With a window of that many inputs, all weights and biases uniform within `1 / sqrt(window * inputs)`.
  ///
  /// @throws IllegalArgumentException if it is less than 2
  public QrnnCell(int inputSize, int hidden, int window, Rng rng) {
    super(inputSize, hidden, (tape, batch, size) -> new Memory(
        State.zeros(tape, batch, size), State.zeros(tape, batch, (window - 1) * inputSize)));
    this.window = 1 + requireSome("inputs before", window - 1);
    input = child("input", new Linear(window * inputSize, 3 * hidden, rng.split("input")));
  }

  @Override
  public Step<Memory> stepPrepared(Variable prepared, Memory old) {
    Variable read = Variable.concat(1, List.of(requirePrepared(prepared, inputSize()), old.x())); // [B, window * F]
    List<Variable> sums = input.forward(read).split(1, 3); // 3 x [B, H]
    Variable z = sums.get(0).tanh().named("z");
    Variable f = sums.get(1).sigmoid().named("f");
    Variable o = sums.get(2).sigmoid().named("o");
    Variable c = z.plus(f.times(old.c().minus(z))).named("c"); // f * c + (1 - f) * z
    return new Step<>(o.times(c).named("h"), new Memory(c, read.slice(1, 0, old.x().size(1))));
  }

  @Override
  public Scanned<Memory> scanSymbols(Variable table, Tensor ids, Memory state, Lengths lengths) {
    return scan(lengths.zeroPadding(table.gather(ids, 0)), state, lengths);
  }

  /// All steps at once, where no observer wants to see them one by one.
  @Override
  public Scanned<Memory> scan(Variable inputs, Memory old, Lengths lengths) {
    if (inputs.tape().options().observer().isPresent()) {
      return super.scan(inputs, old, lengths);
    }
    int batch = inputs.size(0);
    int time = inputs.size(1);
    int before = window - 1;
    Variable all = Variable.concat(1, List.of(old.x().reshape(batch, before, inputSize()).flip(1), inputs));
    List<Variable> windows = new ArrayList<>();
    for (int k = before; k >= 0; k--) {
      windows.add(all.slice(1, k, k + time));
    }
    List<Variable> sums = input.forward(Variable.concat(2, windows)).split(2, 3); // 3 x [B, T, H]
    Scanned<HiddenState> c = MinimalCell.scan(
        sums.get(1).negate(), sums.get(0).tanh(), new HiddenState(old.c()), lengths);
    int[] last = IntStream.range(0, batch * before)
        .map(k -> k / before * (before + time) + lengths.of(k / before) + before - 1 - k % before).toArray();
    Variable x = all.reshape(-1, inputSize()).gather(Tensor.of(last, last.length), 0).reshape(old.x().shape());
    return new Scanned<>(sums.get(2).sigmoid().times(c.outputs()), new Memory(c.state().h(), x));
  }
}

package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The mLSTM of xLSTM (Beck et al. 2024): the memory of each head is a matrix `c`, to which values `v` are added under
/// keys `k`, and of which a query `q` reads. The gates `i` and `f` are numbers, one for each head. Nothing depends on
/// the output before, so that a scan computes many steps at once.
///
/// ```
/// [q k v o i f] = x input.weight' + input.bias, of which q, k, v are cut into heads of D, and k is divided by sqrt(D)
/// l = m + log sigmoid(f)    m = max(l, i, 0)
/// c = exp(l - m) * c + exp(i - m) * v k'
/// n = exp(l - m) * n + exp(i - m) * k
/// h = sigmoid(o) * c q / max(|n' q|, exp(-m))
/// ```
///
/// `m` keeps numbers in range and has no influence on `h`. In the paper it is `max(l, i)`; that it is never negative
/// here keeps `exp(-m)` in range as well.
public final class MLstmCell extends RecurrentCell<MLstmCell.Memory> {
  private static final int CHUNK = 32; // how many steps are computed at once
  private static final double NEVER = -1e30; // the logarithm of a weight of 0

  private final int heads;
  private final Linear input; // [4H + 2 heads, F]

  /// The state.
  ///
  /// @param c the memory, values by keys, scaled by `exp(-m)`, `[batch, heads, D, D]`
  /// @param n the sum of the keys, scaled alike, `[batch, heads, D]`
  /// @param m the logarithm of the scale, `[batch, heads]`
  public record Memory(Variable c, Variable n, Variable m) implements State<Memory> {
    @Override
    public Parts<Memory> parts() {
      return new Parts<>(List.of("c", "n", "m"), List.of(c, n, m), x -> new Memory(x.get(0), x.get(1), x.get(2)));
    }

    @Override
    public String toString() {
      return State.describe(this);
    }
  }

  /// What is read of inputs.
  ///
  /// @param q `[batch, .., heads, D]`, as `k`, `v`
  /// @param o `[batch, .., H]`
  /// @param i the logarithm of the input gate, `[batch, .., heads]`
  /// @param f the logarithm of the forget gate, likewise
  private record Read(Variable q, Variable k, Variable v, Variable o, Variable i, Variable f) {}

  /// Weights and biases uniform within `1 / sqrt(inputs)`.
  ///
  /// @param heads into which the units are divided, at least 1
  /// @throws IllegalArgumentException if they do not divide the units
  public MLstmCell(int inputSize, int hidden, int heads, Rng rng) {
    super(inputSize, hidden, (tape, batch, size) -> new Memory(
        State.zeros(tape, batch, heads, size / heads, size / heads), State.zeros(tape, batch, heads, size / heads),
        State.zeros(tape, batch, heads)));
    if (hidden % requireSome("heads", heads) != 0) {
      throw new IllegalArgumentException("MLstmCell: " + heads + " heads do not divide " + hidden + " units");
    }
    this.heads = heads;
    input = child("input", new Linear(inputSize, 4 * hidden + 2 * heads, rng.split("input")));
  }

  @Override
  public Variable prepare(Variable x) {
    return input.forward(x);
  }

  private Read read(Variable prepared) {
    int axis = prepared.rank() - 1;
    int units = outputSize();
    List<Variable> all = prepared.split(axis, new int[] {units, units, units, units, heads, heads});
    int[] sizes = prepared.shape().sizes();
    int[] cut = Arrays.copyOf(sizes, sizes.length + 1);
    cut[axis] = heads;
    cut[axis + 1] = units / heads;
    return new Read(all.get(0).reshape(cut), all.get(1).divide(Math.sqrt(cut[axis + 1])).reshape(cut),
        all.get(2).reshape(cut), all.get(3).sigmoid(), all.get(4), all.get(5).logSigmoid());
  }

  @Override
  public Step<Memory> stepPrepared(Variable prepared, Memory old) {
    Read x = read(requirePrepared(prepared, 4 * outputSize() + 2 * heads));
    Variable kept = old.m().plus(x.f); // [B, heads]
    Variable m = kept.maximum(x.i).relu();
    Variable f = kept.minus(m).exp().named("f").unsqueeze(2); // [B, heads, 1]
    Variable i = x.i.minus(m).exp().named("i").unsqueeze(2);
    Variable c = f.unsqueeze(3).times(old.c()).plus(i.times(x.v).unsqueeze(3).times(x.k.unsqueeze(2))).named("c");
    Variable n = f.times(old.n()).plus(i.times(x.k)).named("n");
    Variable sum = c.matmul(x.q.unsqueeze(3)).squeeze(3); // [B, heads, D]
    Variable weight = n.times(x.q).sumKeepDims(2).abs().maximum(m.unsqueeze(2).negate().exp()); // [B, heads, 1]
    Variable h = x.o.times(sum.divide(weight).reshape(-1, outputSize())).named("h");
    return new Step<>(h, new Memory(c, n, m));
  }

  /// Many steps at once, where no observer wants to see them one by one.
  @Override
  public Scanned<Memory> scan(Variable inputs, Memory state, Lengths lengths) {
    if (inputs.tape().options().observer().isPresent()) {
      return super.scan(inputs, state, lengths);
    }
    return scanPrepared(prepare(inputs), state, lengths);
  }

  @Override
  public Scanned<Memory> scanSymbols(Variable table, Tensor ids, Memory state, Lengths lengths) {
    if (table.size(0) >= ids.elements() || table.tape().options().observer().isPresent()) {
      return scan(lengths.zeroPadding(table.gather(ids, 0)), state, lengths);
    }
    return scanPrepared(prepare(table).gather(ids, 0), state, lengths);
  }

  private Scanned<Memory> scanPrepared(Variable prepared, Memory state, Lengths lengths) {
    List<Variable> outputs = new ArrayList<>();
    Memory last = state;
    for (int from = 0; from < lengths.time(); from += CHUNK) {
      int to = Math.min(from + CHUNK, lengths.time());
      Scanned<Memory> run = chunk(prepared.slice(1, from, to), last, lengths.mask().slice(1, from, to));
      outputs.add(run.outputs());
      last = run.state();
    }
    return new Scanned<>(lengths.zeroPadding(Variable.concat(1, outputs)), last);
  }

  /// Each step reads of all those before, at the weight that the gates between have left of it, and of the memory.
  ///
  /// @param real where there is a sequence, `[batch, steps]`: padding adds and forgets nothing
  private Scanned<Memory> chunk(Variable prepared, Memory old, Tensor real) {
    int steps = prepared.size(1);
    Read x = read(prepared);
    Variable never = prepared.tape().constant(Tensor.full(prepared.dtype(), NEVER));
    Variable i = Variable.where(real.unsqueeze(2), x.i, never).transpose(1, 2); // [B, heads, L]
    Variable f = Variable.where(real.unsqueeze(2), x.f, never.times(0)).transpose(1, 2).cumsum(2);
    Variable q = x.q.transpose(1, 2); // [B, heads, L, D]
    Variable k = x.k.transpose(1, 2);
    Variable v = x.v.transpose(1, 2);
    Tensor past = Tensor.arange(steps).unsqueeze(1).greaterOrEqual(Tensor.arange(steps)); // [L, L]
    Variable left = f.unsqueeze(3).minus(f.unsqueeze(2)); // first, as it is 0 to the bit at the step itself
    Variable logs = Variable.where(past, left.plus(i.unsqueeze(2)), never); // [B, heads, L, L]
    Variable kept = f.plus(old.m().unsqueeze(2)).unsqueeze(3); // [B, heads, L, 1]
    Variable m = logs.maxKeepDims(3).maximum(kept).relu(); // [B, heads, L, 1]
    Variable weights = logs.minus(m).exp();
    Variable before = kept.minus(m).exp(); // [B, heads, L, 1]
    Variable scores = q.matmul(k.transpose()).times(weights); // [B, heads, L, L]
    Variable sum = scores.matmul(v).plus(before.times(q.matmul(old.c().transpose()))); // [B, heads, L, D]
    Variable weight = scores.sumKeepDims(3).plus(before.times(q.matmul(old.n().unsqueeze(3)))).abs()
        .maximum(m.negate().exp());
    Variable h = x.o.times(sum.divide(weight).transpose(1, 2).reshape(x.o.shape()));
    Variable last = weights.select(2, -1).unsqueeze(3).times(k); // [B, heads, L, D]
    Variable stays = before.select(2, -1); // [B, heads, 1]
    Memory next = new Memory(v.transpose().matmul(last).plus(stays.unsqueeze(3).times(old.c())),
        last.sum(2).plus(stays.times(old.n())), m.select(2, -1).squeeze(2));
    Tensor begun = real.select(1, 0); // [B]
    return new Scanned<>(h, next.zip(old, (a, b) -> Variable.where(begun.reshape(ones(a)), a, b)));
  }

  private static int[] ones(Variable leaf) {
    int[] sizes = new int[leaf.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = leaf.size(0);
    return sizes;
  }
}

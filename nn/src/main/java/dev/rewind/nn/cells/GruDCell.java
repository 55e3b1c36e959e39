package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// A gated recurrent unit for series with missing values (GRU-D, Che et al. 2018): what is missing is the last value
/// seen, which decays to the mean, and the state decays as well. An input is D values, D times whether they were seen
/// (1 or 0), and the time since the step before: `[x k t]`, 2D + 1 elements. A value that was not seen may be NaN.
///
/// ```
/// d = t + since                                time since each value was seen
/// a = exp(-relu(decay_weight * d + decay_bias))
/// x = k ? x : a * last + (1 - a) * mean        h = exp(-relu(d decay.weight' + decay.bias)) * h
/// [xr xz xn] = [x k] input.weight' + input.bias         [hr hz] = h weight_hh'
/// r = sigmoid(xr + hr)     z = sigmoid(xz + hz)     n = tanh(xn + (r * h) weight_hn')
/// h = (1 - z) * h + z * n       last = k ? x : last      since = k ? 0 : d
/// ```
///
/// The mean is a parameter, `mean`, that begins as it is given; `freeze("mean", true)` keeps it, as in the paper.
public final class GruDCell extends RecurrentCell<GruDCell.Memory> {
  private final int values;
  private final Param mean; // [D]
  private final Param decayWeight; // [D]
  private final Param decayBias; // [D]
  private final Linear decay; // [H, D]
  private final Linear input; // [3H, 2D]
  private final Param hiddenWeight; // [2H, H]
  private final Param resetWeight; // [H, H]

  /// The state.
  ///
  /// @param h the output, `[batch, hidden]`
  /// @param last the last value seen, `[batch, D]`; zeros before the first
  /// @param since how long before the present step that was, `[batch, D]`
  public record Memory(Variable h, Variable last, Variable since) implements State<Memory> {
    @Override
    public Parts<Memory> parts() {
      return new Parts<>(List.of("h", "last", "since"), List.of(h, last, since),
          x -> new Memory(x.get(0), x.get(1), x.get(2)));
    }

    @Override
    public String toString() {
      return State.describe(this);
    }
  }

  /// A cell for values of these means, such as those of the training data, where they are seen.
  ///
  /// @param mean FLOAT32 `[D]`
  /// @throws IllegalArgumentException if it is anything else
  public GruDCell(Tensor mean, int hidden, Rng rng) {
    super(2 * requireMean(mean) + 1, hidden, (tape, batch, size) -> new Memory(State.zeros(tape, batch, size),
        State.zeros(tape, batch, mean.size(0)), State.zeros(tape, batch, mean.size(0))));
    values = mean.size(0);
    double limit = 1 / Math.sqrt(hidden);
    this.mean = parameter("mean", mean.copy());
    decayWeight = parameter("decay_weight", Init.uniform(rng.split("decay_weight"), limit, values));
    decayBias = parameter("decay_bias", Init.uniform(rng.split("decay_bias"), limit, values));
    decay = child("decay", new Linear(values, hidden, rng.split("decay")));
    input = child("input", new Linear(2 * values, 3 * hidden, rng.split("input")));
    hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 2 * hidden, hidden));
    resetWeight = parameter("weight_hn", Init.uniform(rng.split("weight_hn"), limit, hidden, hidden));
  }

  private static int requireMean(Tensor mean) {
    if (mean.dtype() != DType.FLOAT32 || mean.rank() != 1 || mean.size(0) == 0) {
      throw new IllegalArgumentException("gru-d: wants a mean of each value, FLOAT32 [values >= 1], not " + mean.dtype()
          + " " + mean.shape());
    }
    return mean.size(0);
  }

  @Override
  public Step<Memory> stepPrepared(Variable prepared, Memory old) {
    List<Variable> given = requirePrepared(prepared, inputSize()).split(1, new int[] {values, values, 1});
    Tensor seen = given.get(1).value().greater(0.5); // [B, D]
    Variable d = old.since().plus(given.get(2)); // [B, D]
    Variable a = decayed(d.times(d.tape().watch(decayWeight)).plus(d.tape().watch(decayBias)));
    Variable guess = a.times(old.last().minus(d.tape().watch(mean))).plus(d.tape().watch(mean));
    Variable x = Variable.where(seen, given.get(0), guess).named("x");
    Variable before = decayed(decay.forward(d)).times(old.h()); // [B, H]
    List<Variable> sums = input.forward(Variable.concat(1, List.of(x, given.get(1)))).split(1, 3); // 3 x [B, H]
    List<Variable> gates = linear(before, hiddenWeight).split(1, 2);
    Variable r = sums.get(0).plus(gates.get(0)).sigmoid().named("r");
    Variable z = sums.get(1).plus(gates.get(1)).sigmoid().named("z");
    Variable n = sums.get(2).plus(linear(r.times(before), resetWeight)).tanh().named("n");
    Variable h = before.plus(z.times(n.minus(before))).named("h"); // (1 - z) * before + z * n
    Variable zeros = d.tape().constant(Tensor.zeros(d.dtype()));
    return new Step<>(h, new Memory(h, Variable.where(seen, given.get(0), old.last()), Variable.where(seen, zeros, d)));
  }

  private static Variable decayed(Variable x) {
    return x.relu().negate().exp();
  }
}

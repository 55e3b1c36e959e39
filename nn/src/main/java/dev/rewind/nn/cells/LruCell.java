package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The linear recurrent unit (Orvieto et al. 2023): a linear recurrence of complex numbers `s = re + i im`, each of
/// which decays and turns at its own pace. Between two of them in a stack belongs something that is not linear.
///
/// ```
/// r = exp(-exp(nu_log))     a = exp(theta_log)
/// [p q] = x weight_ih'
/// re = r * (cos(a) * re - sin(a) * im) + exp(gamma_log) * p
/// im = r * (sin(a) * re + cos(a) * im) + exp(gamma_log) * q
/// y = [re -im] weight_ho' + x weight_io'
/// ```
///
/// `weight_ih` has the real parts of the paper's B and then the imaginary ones, `weight_ho` those of C, `weight_io` is
/// D.
public final class LruCell extends RecurrentCell<LruCell.Memory> {
  private final int states;
  private final Param decay; // [N]
  private final Param angle; // [N]
  private final Param scale; // [N]
  private final Param inputWeight; // [2N, F]
  private final Param outputWeight; // [H, 2N]
  private final Param passedWeight; // [H, F]

  /// The state, `[batch, states]` each.
  ///
  /// @param re the real part
  /// @param im the imaginary part
  public record Memory(Variable re, Variable im) implements State<Memory> {
    @Override
    public Parts<Memory> parts() {
      return Parts.of("re", re, "im", im, Memory::new);
    }

    @Override
    public String toString() {
      return State.describe(this);
    }
  }

  /// As the next one, with `r` from 0 to 1 and any angle.
  public LruCell(int inputSize, int outputSize, int states, Rng rng) {
    this(inputSize, outputSize, states, 0, 1, 2 * Math.PI, rng);
  }

  /// Draws as the paper does: the square of `r` uniform between the squares of `least` and `most`, the angle below
  /// `angle`, `gamma_log` such that the input is scaled by `sqrt(1 - r^2)`, and normal weights. Long memories want `r`
  /// near 1 and small angles.
  ///
  /// @throws IllegalArgumentException unless there is a state, `0 <= least < most <= 1`, and `0 < angle <= 2 pi`
  public LruCell(int inputSize, int outputSize, int states, double least, double most, double angle, Rng rng) {
    super(inputSize, outputSize,
        (tape, batch, _) -> new Memory(State.zeros(tape, batch, states), State.zeros(tape, batch, states)));
    if (!(0 <= least && least < most && most <= 1 && 0 < angle && angle <= 2 * Math.PI)) {
      throw new IllegalArgumentException("LruCell: wants 0 <= least < most <= 1 and an angle in (0, 2 pi], not "
          + least + ", " + most + " and " + angle);
    }
    this.states = requireSome("states", states);
    // away from 0 and 1, where logarithms end
    Tensor square = Tensor.uniform(rng.split("nu_log"), DType.FLOAT32, least * least, most * most, states)
        .clamp(1e-6, 1 - 1e-6);
    Tensor turn = Tensor.uniform(rng.split("theta_log"), DType.FLOAT32, 0, angle, states).clamp(1e-6, angle);
    decay = parameter("nu_log", square.log().times(-0.5).log());
    this.angle = parameter("theta_log", turn.log());
    scale = parameter("gamma_log", square.negate().plus(1).log().times(0.5));
    inputWeight = parameter("weight_ih",
        Init.normal(rng.split("weight_ih"), 1 / Math.sqrt(2.0 * inputSize), 2 * states, inputSize));
    outputWeight = parameter("weight_ho",
        Init.normal(rng.split("weight_ho"), 1 / Math.sqrt(states), outputSize, 2 * states));
    passedWeight = parameter("weight_io",
        Init.normal(rng.split("weight_io"), 1 / Math.sqrt(inputSize), outputSize, inputSize));
  }

  @Override
  public Variable prepare(Variable x) {
    Variable gamma = x.tape().watch(scale).exp();
    return Variable.concat(-1, List.of(
        linear(x, inputWeight).times(Variable.concat(0, List.of(gamma, gamma))), linear(x, passedWeight)));
  }

  @Override
  public Step<Memory> stepPrepared(Variable prepared, Memory old) {
    int[] blocks = {states, states, outputSize()};
    List<Variable> x = requirePrepared(prepared, 2 * states + outputSize()).split(1, blocks);
    Tape tape = prepared.tape();
    Variable r = tape.watch(decay).exp().negate().exp(); // [N]
    Variable a = tape.watch(angle).exp();
    Variable cos = a.cos().times(r);
    Variable sin = a.sin().times(r);
    Variable re = cos.times(old.re()).minus(sin.times(old.im())).plus(x.get(0)).named("re"); // [B, N]
    Variable im = sin.times(old.re()).plus(cos.times(old.im())).plus(x.get(1)).named("im");
    Variable y = linear(Variable.concat(1, List.of(re, im.negate())), outputWeight).plus(x.get(2)).named("y");
    return new Step<>(y, new Memory(re, im));
  }
}

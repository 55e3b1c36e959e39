package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.Workspace;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Truncated back-propagation through time: each iteration reads the next T symbols of each of B texts, from the state
/// in which the one before ended, and makes one step of Adam.
///
/// @param <S> the state of one cell
public final class Trainer<S extends State<S>> {
  private final CharRnn<S> model;
  private final TrainOptions options;
  private final Windows windows;
  private final Adam optimizer;
  private final Workspace workspace = new Workspace();
  private final TbpttState<StackedState<S>> carried;
  private int iteration;

  private Trainer(CharRnn<S> model, TrainOptions options, Windows windows) {
    this.model = model;
    this.options = options;
    this.windows = windows;
    this.optimizer = new Adam(model.namedParameters(), options.learningRate(), Adam.Options.defaults());
    this.carried = new TbpttState<>(model.cell(), options.batch());
  }

  /// A trainer of a model, whatever its cells.
  public static <S extends State<S>> Trainer<S> of(CharRnn<S> model, TrainOptions options, Windows windows) {
    return new Trainer<>(model, options, windows);
  }

  /// What one iteration found.
  ///
  /// @param loss nats per symbol, before the update
  /// @param gradientNorm before clipping
  public record Progressed(double loss, double gradientNorm) {}

  /// Iterations done so far.
  public int iteration() {
    return iteration;
  }

  /// The epoch, from 1, of the last iteration done.
  public int epoch() {
    return Math.max(0, iteration - 1) / windows.windowsPerEpoch() + 1;
  }

  /// One iteration.
  ///
  /// @throws Diverged if the loss or the gradient is not finite, or the step would make the optimizer overflow; then
  ///     nothing has changed
  public Progressed step() {
    if (windows.startsEpoch(iteration)) {
      carried.reset();
    }
    Tensor inputs = Tensor.wrap(windows.inputs(iteration), options.batch(), options.steps()); // [B, T]
    Tensor targets = Tensor.wrap(windows.targets(iteration), options.batch(), options.steps()); // [B, T], what comes next
    try (Tape tape = tape()) {
      CharRnn.Outcome<S> outcome = options.form().read(model, tape, inputs, carried.on(tape)); // [B, T, V]
      Variable loss = Losses.crossEntropy(outcome.logits(), targets); // []
      Gradients gradients = tape.gradients(loss);
      Progressed found = new Progressed(loss.item(), gradients.norm());
      update(found, gradients);
      carried.keep(outcome.state()); // as numbers: the gradient stops here
      iteration++;
      return found;
    }
  }

  /// A tape whose random draws are those of the iteration, so that a resumed run has the same.
  private Tape tape() {
    Rng draws = Rng.of(options.seed()).split("dropout").split(iteration);
    return Tape.recording(TapeOptions.defaults().withRng(draws).withWorkspace(workspace));
  }

  private void update(Progressed found, Gradients gradients) {
    if (!Double.isFinite(found.loss) || !Double.isFinite(found.gradientNorm)) {
      throw new Diverged(iteration + 1,
          "the loss is " + found.loss + ", the norm of the gradient " + found.gradientNorm, null);
    }
    try {
      optimizer.step(gradients.clipByNorm(options.clip()));
    } catch (IllegalArgumentException e) { // numbers that overflow
      throw new Diverged(iteration + 1, e.getMessage(), e);
    }
  }

  // ---- resuming -----------------------------------------------------------------------------------------------------

  /// All that a run needs to go on as if it had not been interrupted, but for the model's parameters.
  public Map<String, Tensor> state() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("trainer.iteration", Tensor.scalar(iteration));
    optimizer.state().forEach((name, tensor) -> tensors.put("optimizer." + name, tensor));
    carried.state().forEach((name, tensor) -> tensors.put("carried." + name, tensor));
    return tensors;
  }

  /// Goes on from a state that [#state] gave.
  public void restore(Map<String, Tensor> tensors) {
    iteration = (int) tensors.get("trainer.iteration").item();
    optimizer.load(under("optimizer.", tensors));
    carried.load(under("carried.", tensors));
  }

  private static Map<String, Tensor> under(String prefix, Map<String, Tensor> tensors) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        found.put(name.substring(prefix.length()), tensor);
      }
    });
    return found;
  }
}

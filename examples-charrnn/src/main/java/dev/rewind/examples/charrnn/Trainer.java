package dev.rewind.examples.charrnn;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.Workspace;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Truncated back-propagation through time: each iteration reads the next T symbols of each of B texts, from the state in
/// which the one before ended, and makes one step of Adam.
///
/// @param <S> the state of one cell
public final class Trainer<S extends State<S>> {
  private final CharRnn<S> model;
  private final TrainOptions options;
  private final Windows windows;
  private final Adam optimizer;
  private final Workspace workspace = new Workspace();
  private StackedState<S> carried; // null at the start of an epoch
  private int iteration;

  private Trainer(CharRnn<S> model, TrainOptions options, Windows windows) {
    this.model = model;
    this.options = options;
    this.windows = windows;
    this.optimizer = new Adam(model.namedParameters(), options.learningRate(), Adam.Options.defaults());
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
  public Progressed step() {
    Rng draws = Rng.of(options.seed()).split("dropout").split(iteration);
    TapeOptions context = TapeOptions.defaults().withRng(draws).withWorkspace(workspace);
    try (Tape tape = Tape.recording(context)) {
      boolean fresh = carried == null || windows.startsEpoch(iteration);
      StackedState<S> state = fresh ? model.initialState(tape, options.batch()) : carried.on(tape);
      Tensor inputs = Tensor.wrap(windows.inputs(iteration), options.batch(), options.steps());
      Tensor targets = Tensor.wrap(windows.targets(iteration), options.batch(), options.steps());
      CharRnn.Outcome<S> outcome = model.forward(tape, inputs, state);
      Variable loss = Losses.crossEntropy(outcome.logits(), targets);
      Gradients gradients = tape.gradients(loss);
      optimizer.step(gradients.clipByNorm(options.clip()));
      carried = outcome.state();
      iteration++;
      return new Progressed(loss.item(), gradients.norm());
    }
  }

  // ---- resuming -----------------------------------------------------------------------------------------------------

  /// All that a run needs to go on as if it had not been interrupted, but for the model's parameters.
  public Map<String, Tensor> state() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("trainer.iteration", Tensor.scalar(iteration));
    optimizer.state().forEach((name, tensor) -> tensors.put("optimizer." + name, tensor));
    if (carried != null) {
      List<Variable> leaves = carried.leaves();
      for (int i = 0; i < leaves.size(); i++) {
        tensors.put("carried." + i, leaves.get(i).value().copy());
      }
    }
    return tensors;
  }

  /// Goes on from a state that [#state] gave.
  public void restore(Map<String, Tensor> tensors) {
    iteration = (int) tensors.get("trainer.iteration").item();
    Map<String, Tensor> own = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith("optimizer.")) {
        own.put(name.substring("optimizer.".length()), tensor);
      }
    });
    optimizer.load(own);
    try (Tape tape = Tape.inference()) {
      List<Variable> leaves = new ArrayList<>();
      while (tensors.containsKey("carried." + leaves.size())) {
        leaves.add(tape.constant(tensors.get("carried." + leaves.size())));
      }
      carried = leaves.isEmpty() ? null : model.initialState(tape, options.batch()).withLeaves(leaves);
    }
  }
}

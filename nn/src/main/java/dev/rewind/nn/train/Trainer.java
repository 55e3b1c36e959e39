package dev.rewind.nn.train;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.optim.NotFiniteException;
import dev.rewind.nn.optim.Optimizer;
import dev.rewind.nn.optim.Schedule;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// Trains step by step, and can be saved between any two steps. [#step] is one step; the loop around it is either three
/// lines that you write or a [TrainingLoop].
///
/// ```java
/// Trainer<Batch> trainer = new Trainer<>(adam,
///     epoch -> examples.shuffled(rng.split(epoch)).batches(32).map(Batch::of),
///     (tape, batch) -> Losses.crossEntropy(model.forward(tape.constant(batch.inputs())), batch.targets()));
/// for (int i = 0; i < 1000; i++) {
///   IO.println(trainer.step().loss());
/// }
/// ```
///
/// @param <B> a batch, of any type
public final class Trainer<B> {
  private static final List<String> RESERVED = List.of("model", "optimizer", "trainer", "loop");

  private final Optimizer optimizer;
  private final IntFunction<? extends Iterable<? extends B>> data;
  private final LossFunction<? super B> loss;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private TapeOptions tapes = TapeOptions.defaults().reusingValues(); // one workspace for all steps
  private Schedule schedule;
  private Rng rng;
  private double clip = Double.POSITIVE_INFINITY;
  private int iteration; // steps done
  private int epoch; // counted from 1; 0 before the first
  private int taken; // batches of this epoch
  private int size; // batches of this epoch, if known
  private Iterator<? extends B> batches = List.<B>of().iterator();
  private B batch;

  /// What is trained: from a batch to a number to minimize.
  ///
  /// @param <B> a batch
  @FunctionalInterface
  public interface LossFunction<B> {
    /// The loss, `[]`, computed on this tape.
    Variable of(Tape tape, B batch);
  }

  /// The result of one step.
  ///
  /// @param iteration steps done, this one included
  /// @param epoch counted from 1
  /// @param loss before the update
  /// @param gradientNorm before clipping
  /// @param learningRate of the update
  public record Step(int iteration, int epoch, double loss, double gradientNorm, double learningRate) {}

  private record Kept(Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {}

  /// A trainer before its first step.
  ///
  /// @param optimizer of all parameters to train
  /// @param data the batches of an epoch, counted from 1, which must be the same every time: a
  ///     [Dataset][dev.rewind.nn.data.Dataset] shuffled by `rng.split(epoch)`, or anything else that can be iterated.
  ///     Called at the start of an epoch, which is also the place to reset a state carried from batch to batch
  public Trainer(
      Optimizer optimizer, IntFunction<? extends Iterable<? extends B>> data, LossFunction<? super B> loss) {
    this.optimizer = Objects.requireNonNull(optimizer, "trainer: the optimizer is null");
    this.data = Objects.requireNonNull(data, "trainer: the data are null");
    this.loss = Objects.requireNonNull(loss, "trainer: the loss is null");
  }

  // ---- options ------------------------------------------------------------------------------------------------------

  /// Scales gradients down to a norm of at most `limit` before each update. Without it they are not clipped.
  public Trainer<B> clip(double limit) {
    clip = limit;
    return this;
  }

  /// Sets the learning rate of each step by its number, counted from 0.
  public Trainer<B> schedule(Schedule value) {
    schedule = value;
    return this;
  }

  /// Sets the source of randomness for dropout and noise: step i, counted from 0, draws from `value.split(i)`, so that
  /// a resumed training draws the same numbers. Without it, the tape refuses dropout.
  public Trainer<B> rng(Rng value) {
    rng = value;
    return this;
  }

  /// The options of the tapes, for another dtype or to find where a NaN comes from. Their Rng is set by [#rng]. Without
  /// this they [reuse values][TapeOptions#reusingValues]: copy what the loss keeps for later.
  ///
  /// @throws IllegalArgumentException if the options have one
  public Trainer<B> tapes(TapeOptions value) {
    if (value.rng().isPresent()) {
      throw new IllegalArgumentException(
          "trainer: set the Rng by rng(..), so that evaluate(..) has none, not in the tape options");
    }
    tapes = value;
    return this;
  }

  /// Saves and loads something else along with this trainer: a state carried from batch to batch, or running means.
  ///
  /// ```java
  /// trainer.keep("carried", carried::state, carried::load)
  /// ```
  ///
  /// @throws IllegalArgumentException if the name is kept already, or is `model`, `optimizer`, `trainer` or `loop`
  public Trainer<B> keep(String name, Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {
    if (RESERVED.contains(name) || kept.containsKey(name)) {
      throw new IllegalArgumentException("trainer: keep: the name " + name + " is taken; choose another");
    }
    kept.put(name, new Kept(state, load));
    return this;
  }

  /// Saves and loads the position of an Rng that the loss draws from. (Data should split their own by epoch.)
  public Trainer<B> keep(String name, Rng draws) {
    return keep(name, () -> Map.of("state", ints(draws.state().toLongs())),
        state -> draws.restore(Rng.State.of(longs(state.get("state")))));
  }

  private static Tensor ints(long[] values) { // INT32 `[3, 2]`: the upper half first
    int[] halves = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      halves[2 * i] = (int) (values[i] >>> 32);
      halves[2 * i + 1] = (int) values[i];
    }
    return Tensor.wrap(halves, values.length, 2);
  }

  private static long[] longs(Tensor halves) {
    int[] ints = halves.toInts();
    long[] values = new long[ints.length / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = (long) ints[2 * i] << 32 | Integer.toUnsignedLong(ints[2 * i + 1]);
    }
    return values;
  }

  // ---- training -----------------------------------------------------------------------------------------------------

  /// One step: the next batch, its loss, the gradients, the update.
  ///
  /// @throws DivergedException if the loss or the gradient is not finite, or the update would overflow; then no
  ///     parameter has changed, and the next step would take the next batch
  /// @throws IllegalArgumentException if an epoch has no batches
  public Step step() {
    batch = next();
    if (schedule != null) {
      optimizer.learningRate(schedule.at(iteration));
    }
    try (Tape tape = Tape.recording(rng == null ? tapes : tapes.withRng(rng.split(iteration)))) {
      Variable value = loss(loss, tape, batch);
      Gradients gradients = tape.gradients(value);
      Step step = new Step(iteration + 1, epoch, value.item(), gradients.norm(), optimizer.learningRate());
      update(step, gradients);
      iteration++;
      return step;
    }
  }

  /// The loss of a batch, which a lambda without a result in one of its branches may have forgotten.
  static <B> Variable loss(LossFunction<B> function, Tape tape, B batch) {
    return Objects.requireNonNull(function.of(tape, batch), "trainer: the loss function returned null, not a loss []");
  }

  private void update(Step step, Gradients gradients) {
    if (!Double.isFinite(step.loss) || !Double.isFinite(step.gradientNorm)) {
      throw new DivergedException(step.iteration,
          "the loss is " + step.loss + ", the norm of the gradient " + step.gradientNorm, null);
    }
    try {
      optimizer.step(gradients.clipByNorm(clip));
    } catch (NotFiniteException e) {
      throw new DivergedException(step.iteration, e.getMessage(), e);
    }
  }

  private B next() {
    if (!batches.hasNext()) {
      epoch++;
      taken = 0;
      batches = begin().iterator();
      if (!batches.hasNext()) {
        throw new IllegalArgumentException("trainer: epoch " + epoch + " has no batches");
      }
    }
    taken++;
    return batches.next();
  }

  private Iterable<? extends B> begin() {
    Iterable<? extends B> all = data.apply(epoch);
    size = all instanceof Collection<? extends B> collection ? collection.size() : 0;
    return all;
  }

  /// The mean loss of other batches, without gradients or dropout. Nothing changes except what the loss itself keeps.
  ///
  /// @param weight of a batch: the number of steps or examples that its loss is the mean over
  /// @return NaN if there are no batches
  public double evaluate(Iterable<? extends B> held, ToDoubleFunction<? super B> weight) {
    Mean mean = new Mean();
    for (B one : held) {
      try (Tape tape = Tape.inference(tapes)) {
        mean.add(loss(loss, tape, one).item(), weight.applyAsDouble(one));
      }
    }
    return mean.value();
  }

  /// Steps done so far.
  public int iteration() {
    return iteration;
  }

  /// The epoch of the last step, counted from 1; 0 before the first.
  public int epoch() {
    return epoch;
  }

  /// Whether the last step took the last batch of an epoch, or there was no step yet.
  public boolean isEpochDone() {
    return !batches.hasNext();
  }

  /// The number of batches of this epoch, if they are a collection; 0 if not, or before the first.
  public int batchesInEpoch() {
    return size;
  }

  /// The batch of the last step; null before the first.
  public B batch() {
    return batch;
  }

  // ---- saving and loading -------------------------------------------------------------------------------------------

  /// Copies of everything the next steps depend on, except the parameters and the options.
  public Map<String, Tensor> state() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("trainer.iteration", Tensor.scalar(iteration));
    tensors.put("trainer.epoch", Tensor.scalar(epoch));
    tensors.put("trainer.taken", Tensor.scalar(taken));
    optimizer.state().forEach((name, tensor) -> tensors.put("optimizer." + name, tensor));
    kept.forEach((part, it) -> it.state.get().forEach((name, tensor) -> tensors.put(part + "." + name, tensor)));
    return tensors;
  }

  /// Continues from what [#state] returned, with the same bits. Other names are ignored. Batches of the epoch that were
  /// already used are requested again and skipped; if the batches are a list, they are not even computed.
  ///
  /// @throws IllegalArgumentException naming what is missing or does not fit, or if the data have fewer batches now
  public void load(Map<String, Tensor> state) {
    optimizer.load(under("optimizer.", state));
    iteration = (int) number(state, "trainer.iteration");
    epoch = (int) number(state, "trainer.epoch");
    taken = (int) number(state, "trainer.taken");
    batches = epoch == 0 ? List.<B>of().iterator() : skipped(begin());
    kept.forEach((part, it) -> it.load.accept(under(part + ".", state))); // after the data, which may reset it
  }

  /// A number of a state.
  static double number(Map<String, Tensor> state, String name) {
    Tensor value = state.get(name);
    if (value == null || value.rank() != 0) {
      throw new IllegalArgumentException("load: " + name + (value == null ? " is missing" : " is " + value.shape()));
    }
    return value.item();
  }

  private Iterator<? extends B> skipped(Iterable<? extends B> all) {
    if (all instanceof List<? extends B> list && taken <= list.size()) {
      return list.subList(taken, list.size()).iterator();
    }
    Iterator<? extends B> rest = all.iterator();
    for (int i = 0; i < taken; i++) {
      if (!rest.hasNext()) {
        throw new IllegalArgumentException(
            "load: epoch " + epoch + " has " + i + " batches, but " + taken + " were used before; is this other data?");
      }
      rest.next();
    }
    return rest;
  }

  /// What is under a prefix, without it.
  static Map<String, Tensor> under(String prefix, Map<String, Tensor> tensors) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        found.put(name.substring(prefix.length()), tensor);
      }
    });
    return found;
  }

  @Override
  public String toString() {
    return "Trainer[iteration " + iteration + ", epoch " + epoch + ", batch " + taken + ", " + optimizer + "]";
  }
}

package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// One walk over a tape from its end to its start, adding up the gradient of every slot on the way. When recorded, the
/// gradients are variables on the tape, and only what leads to the sources is followed.
final class Playback {
  private final Tape tape;
  private final boolean recorded;
  private final boolean consumes;
  private final GradientMemory memory; // null if recorded
  private String line = ""; // of the user's code that recorded what is played, in anomaly mode
  private GradientSum[] sums;
  private ManyEntry[] splits = {}; // by the slot of a part
  private final Map<ManyEntry, GradientMemory.Loan> wholes = new HashMap<>(); // gradients of what was split, being filled
  private final BitSet wantedSlots = new BitSet();
  private BitSet needed; // slots that depend on a source; null if all do
  private final Map<Integer, Variable> finished = new HashMap<>(); // gradients of retained slots

  Playback(Tape tape, boolean recorded, boolean consumes) {
    this.tape = tape;
    this.recorded = recorded;
    this.consumes = consumes;
    this.memory = recorded ? null : tape.gradientMemory();
    this.sums = new GradientSum[tape.slots()];
    findSplits(0, tape.length());
  }

  /// Gradients of the parts of a split go where they belong from the first, if it is known before they come.
  private void findSplits(int from, int to) {
    for (int i = from; i < to && !recorded; i++) {
      if (tape.entries.get(i) instanceof ManyEntry entry && entry.isSplit()) {
        splits = splits.length < tape.slots() ? Arrays.copyOf(splits, tape.slots()) : splits;
        Arrays.fill(splits, entry.slot, entry.slot + entry.results, entry);
      }
    }
  }

  boolean isRecorded() {
    return recorded;
  }

  Variable constant(Tensor value) {
    return tape.constant(value);
  }

  /// Follows only what depends on these.
  void need(List<Variable> sources) {
    needed = new BitSet();
    sources.stream().filter(Variable::isTracked).forEach(source -> needed.set(source.slot()));
    wantedSlots.or(needed);
  }

  boolean needs(int slot) {
    return needed == null || needed.get(slot);
  }

  /// Plays the entries `[from, to)`, the last first, letting them go on the way.
  void run(int from, int to) {
    if (needed != null) {
      markNeeded(from, to);
    }
    for (int i = to - 1; i >= from; i--) {
      Entry entry = tape.entries.get(i);
      if (consumes) {
        tape.entries.set(i, null);
      }
      if (isReached(entry)) {
        tape.playing(entry.operation);
        line = entry.line;
        entry.play(this);
      }
    }
  }

  private void markNeeded(int from, int to) {
    for (int i = from; i < to; i++) {
      Entry entry = tape.entries.get(i);
      boolean[] any = {false};
      entry.forEachArgument(slot -> any[0] |= needed.get(slot));
      if (any[0]) {
        needed.set(entry.slot, entry.slot + entry.results);
      }
    }
  }

  private boolean isReached(Entry entry) {
    for (int slot = entry.slot; slot < entry.slot + entry.results; slot++) {
      if (slot < sums.length && sums[slot] != null && needs(slot)) {
        return true;
      }
    }
    return false;
  }

  /// Runs a stretch of the computation again, recording it, and plays that back in place of an entry.
  void playAgain(Entry entry, Supplier<List<Variable>> f, Optional<Rng.State> draws) {
    int mark = tape.length();
    int lent = tape.loans();
    List<Variable> results = tape.replay(f, draws);
    int end = tape.length();
    findSplits(mark, end);
    if (results.size() != entry.results) {
      throw new IllegalStateException(entry.operation + ": gave " + entry.results + " results and then " + results.size());
    }
    for (int i = 0; i < entry.results; i++) {
      Variable g = gradient(entry.slot + i);
      if (g != null && results.get(i).isTracked()) {
        add(entry.operation, results.get(i).slot(), results.get(i).shape(), g);
      }
    }
    run(mark, end);
    if (!recorded) {
      tape.truncate(mark);
      tape.giveBack(lent);
    }
  }

  // ---- gradients of slots -------------------------------------------------------------------------------------------

  /// A plain gradient, all added up.
  ///
  /// @param loan the memory it is in, to be released; null if that is none of ours
  /// @param whole the memory of which it is a part, or null
  record Finished(Tensor value, GradientMemory.Loan loan, GradientMemory.Loan whole, boolean isHooked) {
    /// Others may hold it from now on.
    Finished keep() {
      if (loan != null) {
        loan.keep();
      }
      if (whole != null) {
        whole.keep();
      }
      return this;
    }
  }

  /// The finished plain gradient of a slot, whose sum is let go; null if there is none. To be released.
  Finished finish(int slot) {
    GradientSum.Tensors sum = slot < sums.length ? (GradientSum.Tensors) sums[slot] : null;
    if (sum == null) {
      return null;
    }
    sums[slot] = null;
    Tensor total = sum.total();
    Finished g = new Finished(total, sum.loan(), isPart(slot) ? wholes.get(splits[slot]) : null, false);
    if (isWatched(slot)) {
      Variable seen = hooked(slot, tape.constant(total));
      finished.put(slot, seen);
      g.keep();
      return new Finished(seen.value(), null, null, true);
    }
    return g;
  }

  private boolean isWatched(int slot) {
    return (!tape.hooks.isEmpty() && tape.hooks.containsKey(slot))
        || (!tape.retained.isEmpty() && tape.retained.containsKey(slot));
  }

  void release(Finished g) {
    memory.release(g.loan);
  }

  /// The finished gradient of a slot, for good; null if there is none.
  Variable gradient(int slot) {
    if (recorded) {
      return recordedGradient(slot);
    }
    Finished g = finish(slot);
    return g == null ? null : tape.constant(g.keep().value);
  }

  private Variable recordedGradient(int slot) {
    GradientSum.Variables sum = slot < sums.length ? (GradientSum.Variables) sums[slot] : null;
    if (sum == null) {
      return null;
    }
    sums[slot] = null;
    Variable g = hooked(slot, sum.total());
    if (tape.retained.containsKey(slot) || wantedSlots.get(slot)) {
      finished.put(slot, g);
    }
    return g;
  }

  private Variable hooked(int slot, Variable g) {
    UnaryOperator<Variable> hook = tape.hooks.get(slot);
    return hook == null ? g : hook.apply(g);
  }

  boolean looksForAnomalies() {
    return tape.options().anomaly();
  }

  void check(String operation, Variable g) {
    Anomaly.check(operation, "a gradient", g.value(), line);
  }

  /// Adds a contribution to the gradient of a slot of that shape, summing over axes along which it was broadcast.
  void add(String operation, int slot, Shape shape, Variable g) {
    if (looksForAnomalies()) {
      check(operation, g);
    }
    Variable fitting = g.shape().equals(shape) ? g : unbroadcast(operation, g, shape);
    if (recorded) {
      recordedSum(slot).add(fitting);
    } else {
      sum(slot, shape, g.dtype()).add(fitting);
    }
  }

  private GradientSum recordedSum(int slot) {
    reach(slot);
    if (sums[slot] == null) {
      sums[slot] = new GradientSum.Variables();
    }
    return sums[slot];
  }

  private void reach(int slot) {
    if (slot >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(tape.slots(), slot + 1));
    }
  }

  // ---- plain playback, in memory that is used again -------------------------------------------------------------------

  /// The sum of an argument's gradient, which has the dtype of `g`.
  GradientSum.Tensors sum(Op.Argument argument, Finished g) {
    return sum(argument.slot, argument.shape, g.value.dtype());
  }

  GradientSum.Tensors sum(int slot, Shape shape, DType dtype) {
    reach(slot);
    if (sums[slot] == null) {
      Tensor home = isPart(slot) ? splits[slot].part(whole(splits[slot], dtype).tensor, slot) : null;
      sums[slot] = new GradientSum.Tensors(memory, dtype, shape, home);
    }
    return (GradientSum.Tensors) sums[slot];
  }

  private boolean isPart(int slot) {
    return slot < splits.length && splits[slot] != null;
  }

  private GradientMemory.Loan whole(ManyEntry split, DType dtype) {
    return wholes.computeIfAbsent(split, s -> memory.take(dtype, s.wholeShape()));
  }

  /// The memory into which the gradients of a split's parts were added.
  GradientMemory.Loan whole(ManyEntry split) {
    return wholes.get(split);
  }

  void release(ManyEntry split, GradientMemory.Loan whole) {
    wholes.remove(split);
    memory.release(whole);
  }

  /// Adds a gradient seen in another way, which shares its memory unless the view could not be had without a copy.
  void addView(String operation, Op.Argument argument, Op.ViewRule rule, Finished g) {
    Variable view = rule.apply(tape.constant(g.value));
    if (!view.shape().equals(argument.shape)) {
      view = unbroadcast(operation, view, argument.shape);
    }
    boolean shares = view.value().sharesStorage(g.value);
    sum(argument, g).share(view.value(), shares ? g.loan : null);
  }

  /// Hands products that wait in the sum of a transposed matrix on to that of the matrix itself; false if there is more to
  /// the sum.
  boolean handOn(int slot, Op.Argument matrix) {
    if (isWatched(slot) || isPart(slot)) {
      return false;
    }
    GradientSum.Tensors sum = (GradientSum.Tensors) sums[slot];
    boolean handed = sum.handOnTransposed(sum(matrix.slot, matrix.shape, sum.dtype()));
    if (handed) {
      sums[slot] = null;
    }
    return handed;
  }

  private static Variable unbroadcast(String operation, Variable g, Shape shape) {
    int extra = g.rank() - shape.rank();
    int[] repeated = java.util.stream.IntStream.range(0, g.rank())
        .filter(axis -> axis < extra || shape.size(axis - extra) == 1 && g.size(axis) != 1).toArray();
    Variable summed = extra >= 0 && repeated.length > 0 ? g.sumKeeping(repeated) : g;
    for (int axis = 0; axis < extra; axis++) {
      summed = summed.squeeze(0);
    }
    if (!summed.shape().equals(shape)) {
      throw new IllegalStateException(
          operation + ": its rule gave a gradient of shape " + g.shape() + " for an argument of shape " + shape);
    }
    return summed;
  }

  // ---- what comes of it ---------------------------------------------------------------------------------------------

  /// The gradients of all parameters and retained variables that were reached.
  Gradients collect() {
    Map<Parameter, Gradient> ofParameters = new LinkedHashMap<>();
    tape.parameters.keySet().stream().sorted().filter(slot -> slot < sums.length && sums[slot] != null).forEach(
        slot -> ofParameters.put(tape.parameters.get(slot), leafGradient(slot)));
    Map<Variable, Gradient> ofVariables = new LinkedHashMap<>();
    tape.retained.keySet().stream().sorted().forEach(slot -> {
      Variable g = finished.containsKey(slot) ? finished.get(slot) : gradient(slot);
      if (g != null) {
        ofVariables.put(tape.retained.get(slot), new Gradient.Dense(g.value().contiguous()));
      }
    });
    return new Gradients(ofParameters, ofVariables);
  }

  private Gradient leafGradient(int slot) {
    return tape.hooks.containsKey(slot) || tape.retained.containsKey(slot)
        ? new Gradient.Dense(gradient(slot).value().contiguous())
        : ((GradientSum.Tensors) sums[slot]).gradient();
  }

  /// The recorded gradient of a source, zeros if it was not reached.
  Variable wanted(Variable source) {
    Variable g = finished.containsKey(source.slot()) ? finished.get(source.slot())
        : source.isTracked() ? gradient(source.slot()) : null;
    DType dtype = source.dtype();
    return g != null ? g : tape.constant(Tensor.zeros(dtype, source.shape()));
  }
}

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
  private String line = ""; // of the user's code that recorded what is played, in anomaly mode
  private GradientSum[] sums;
  private BitSet needed; // slots that depend on a source; null if all do
  private final Map<Integer, Variable> finished = new HashMap<>(); // gradients of retained slots

  Playback(Tape tape, boolean recorded, boolean consumes) {
    this.tape = tape;
    this.recorded = recorded;
    this.consumes = consumes;
    this.sums = new GradientSum[tape.slots()];
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

  private final BitSet wantedSlots = new BitSet();

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

  /// The finished gradient of a slot, which is let go; null if there is none.
  Variable gradient(int slot) {
    GradientSum sum = slot < sums.length ? sums[slot] : null;
    if (sum == null) {
      return null;
    }
    sums[slot] = null;
    Variable g = hooked(slot, sum.total(tape));
    if (tape.retained.containsKey(slot) || wantedSlots.get(slot)) {
      finished.put(slot, g);
    }
    return g;
  }

  private Variable hooked(int slot, Variable g) {
    UnaryOperator<Variable> hook = tape.hooks.get(slot);
    return hook == null ? g : hook.apply(g);
  }

  /// Adds a contribution to the gradient of a slot of that shape, summing over axes along which it was broadcast.
  void add(String operation, int slot, Shape shape, Variable g) {
    if (tape.options().anomaly()) {
      Anomaly.check(operation, "a gradient", g.value(), line);
    }
    sum(slot).add(g.shape().equals(shape) ? g : unbroadcast(operation, g, shape));
  }

  /// Adds a contribution to some elements of the gradient of a slot.
  void addPicked(String operation, int slot, Shape shape, Op.Picked picked, Variable g) {
    if (recorded) {
      add(operation, slot, shape, picked.rule().apply(g));
    } else {
      ((GradientSum.Tensors) sum(slot)).addPicked(shape, picked, g.value());
    }
  }

  private GradientSum sum(int slot) {
    if (slot >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(tape.slots(), slot + 1));
    }
    if (sums[slot] == null) {
      sums[slot] = recorded ? new GradientSum.Variables() : new GradientSum.Tensors();
    }
    return sums[slot];
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

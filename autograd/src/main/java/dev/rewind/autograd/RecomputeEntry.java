package dev.rewind.autograd;

import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// A stretch of the computation that was not kept: playback runs it again.
final class RecomputeEntry extends Entry {
  private final List<Shape> shapes;
  private final int[] inputs;
  private final Supplier<List<Variable>> f;
  private final Optional<Rng.State> draws;

  RecomputeEntry(
      int slot, List<Shape> shapes, String line, int[] inputs, Supplier<List<Variable>> f, Optional<Rng.State> draws) {
    super("recompute", slot, shapes.size(), line);
    this.shapes = shapes;
    this.inputs = inputs;
    this.f = f;
    this.draws = draws;
  }

  /// The slots that a stretch of entries reads and does not itself fill.
  static int[] inputsOf(List<Entry> stretch) {
    BitSet read = new BitSet();
    for (Entry entry : stretch) {
      entry.forEachArgument(read::set);
    }
    for (Entry entry : stretch) {
      read.clear(entry.slot, entry.slot + entry.results);
    }
    return read.stream().toArray();
  }

  @Override
  void play(Playback playback) {
    playback.playAgain(this, f, draws);
  }

  @Override
  List<Shape> shapes() {
    return shapes;
  }

  @Override
  void forEachArgument(IntConsumer consumer) {
    Arrays.stream(inputs).forEach(consumer);
  }
}

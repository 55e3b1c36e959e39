package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import java.util.List;
import java.util.function.IntConsumer;

/// What the tape keeps of one operation: where its results are, and how a gradient passes through it. It holds places
/// and shapes of the arguments, never the variables.
abstract sealed class Entry permits ResultEntry, ManyEntry, FusedEntry, RecomputeEntry {
  final String operation;
  final int slot; // of the first result; the others follow
  final int results;
  final String line; // of the user's code, in anomaly mode

  Entry(String operation, int slot, int results, String line) {
    this.operation = operation;
    this.slot = slot;
    this.results = results;
    this.line = line;
  }

  /// Adds to the gradients of the arguments what comes from those of the results.
  abstract void play(Playback playback);

  /// The shapes of the results.
  abstract List<Shape> shapes();

  /// Names the slots of the arguments.
  abstract void forEachArgument(IntConsumer consumer);
}

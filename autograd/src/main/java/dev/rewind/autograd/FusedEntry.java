package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// An operation with one rule for all its arguments, which holds at first order; higher orders play the composite form.
final class FusedEntry extends Entry {
  private final int[] slots;
  private final List<Shape> argumentShapes;
  private final List<Shape> shapes;
  private final Op.JointRule rule;
  private final Supplier<List<Variable>> composite;

  FusedEntry(
      String operation, int slot, List<Shape> shapes, String line, List<Variable> arguments, Op.JointRule rule,
      Supplier<List<Variable>> composite) {
    super(operation, slot, shapes.size(), line);
    this.shapes = shapes;
    this.slots = arguments.stream().mapToInt(Variable::slot).toArray();
    this.argumentShapes = arguments.stream().map(Variable::shape).toList();
    this.rule = rule;
    this.composite = composite;
  }

  @Override
  void play(Playback playback) {
    if (playback.isRecorded()) {
      if (composite == null) {
        throw new IllegalStateException(operation + ": has a gradient of the first order only; "
            + "declare the operation with a composite form to differentiate again");
      }
      playback.playAgain(this, composite, Optional.empty());
      return;
    }
    List<Playback.Finished> finished = new ArrayList<>(results);
    List<Variable> gradients = new ArrayList<>(results);
    for (int i = 0; i < results; i++) {
      Playback.Finished g = playback.finish(slot + i);
      finished.add(g);
      gradients.add(g == null ? null : playback.constant(g.value()));
    }
    List<Variable> passed = rule.apply(gradients);
    if (passed.size() != slots.length) {
      throw new IllegalStateException(
          operation + ": its rule gave " + passed.size() + " gradients for " + slots.length + " arguments");
    }
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] != Tape.UNTRACKED && passed.get(i) != null) {
        playback.add(operation, slots[i], argumentShapes.get(i), passed.get(i));
      }
    }
    finished.stream().filter(g -> g != null).forEach(g -> letGo(playback, g, passed));
  }

  /// The memory of a gradient is used again, unless the rule handed it on.
  private static void letGo(Playback playback, Playback.Finished g, List<Variable> passed) {
    if (passed.stream().anyMatch(p -> p != null && p.value().sharesStorage(g.value()))) {
      g.keep();
    } else {
      playback.release(g);
    }
  }

  @Override
  List<Shape> shapes() {
    return shapes;
  }

  @Override
  void forEachArgument(IntConsumer consumer) {
    for (int argument : slots) {
      if (argument != Tape.UNTRACKED) {
        consumer.accept(argument);
      }
    }
  }
}

package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// An operation of several results, with a rule per argument that takes the gradients of all of them.
final class ManyEntry extends Entry {
  private final Op.Argument[] arguments;
  private final List<Shape> shapes;
  private final DType dtype;

  ManyEntry(String operation, int slot, String line, Op.Argument[] arguments, List<Tensor> values) {
    super(operation, slot, values.size(), line);
    this.arguments = arguments;
    this.shapes = values.stream().map(Tensor::shape).toList();
    this.dtype = values.getFirst().dtype();
  }

  /// Whether this is a split, whose parts' gradients are parts of the gradient of the whole.
  boolean isSplit() {
    return arguments[0].rule instanceof Op.Parts;
  }

  /// The shape of what was split.
  Shape wholeShape() {
    return arguments[0].shape;
  }

  /// Where in the gradient of the whole that of a slot belongs.
  Tensor part(Tensor whole, int partSlot) {
    return ((Op.Parts) arguments[0].rule).part(whole, partSlot - slot);
  }

  @Override
  void play(Playback playback) {
    if (isSplit() && !playback.isRecorded()) {
      playSplit(playback);
    } else {
      playRules(playback);
    }
  }

  /// The parts were added up in place; those that nothing came to are zeros.
  private void playSplit(Playback playback) {
    GradientMemory.Loan whole = playback.whole(this);
    for (int i = slot; i < slot + results; i++) {
      Playback.Finished g = playback.finish(i);
      if (g == null) {
        part(whole.tensor, i).fill(0);
      } else if (g.isHooked()) {
        part(whole.tensor, i).assign(g.value());
      }
    }
    if (playback.looksForAnomalies()) {
      playback.check(operation, playback.constant(whole.tensor));
    }
    playback.sum(arguments[0].slot, arguments[0].shape, dtype).share(whole.tensor, whole);
    playback.release(this, whole);
  }

  private void playRules(Playback playback) {
    List<Variable> gradients = new ArrayList<>(results);
    for (int i = 0; i < results; i++) {
      Variable g = playback.gradient(slot + i);
      gradients.add(g != null ? g : playback.constant(Tensor.zeros(dtype, shapes.get(i))));
    }
    for (Op.Argument argument : arguments) {
      if (playback.needs(argument.slot)) {
        Op.ManyRule rule = (Op.ManyRule) argument.rule;
        playback.add(operation, argument.slot, argument.shape, rule.apply(gradients));
      }
    }
  }

  @Override
  List<Shape> shapes() {
    return shapes;
  }

  @Override
  void forEachArgument(IntConsumer consumer) {
    for (Op.Argument argument : arguments) {
      consumer.accept(argument.slot);
    }
  }
}

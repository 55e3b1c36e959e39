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

  @Override
  void play(Playback playback) {
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

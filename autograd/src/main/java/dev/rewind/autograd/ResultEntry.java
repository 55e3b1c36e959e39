package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.IntConsumer;

/// An operation of one result, with a rule per argument.
final class ResultEntry extends Entry {
  private final Op.Argument[] arguments;
  private final Tensor value; // null unless a rule takes the result
  private final int version;
  private final Shape shape;

  ResultEntry(String operation, int slot, String line, Op.Argument[] arguments, Tensor value) {
    super(operation, slot, 1, line);
    this.arguments = arguments;
    this.value = needsResult(arguments) ? value : null;
    this.version = value.version();
    this.shape = value.shape();
  }

  private static boolean needsResult(Op.Argument[] arguments) {
    for (Op.Argument argument : arguments) {
      if (argument.rule instanceof Op.ResultRule) {
        return true;
      }
    }
    return false;
  }

  @Override
  void play(Playback playback) {
    Variable g = playback.gradient(slot);
    for (Op.Argument argument : arguments) {
      if (playback.needs(argument.slot)) {
        switch (argument.rule) {
          case Op.Rule rule -> playback.add(operation, argument.slot, argument.shape, rule.apply(g));
          case Op.ResultRule rule -> {
            Variable y = new Variable(g.tape(), slot, value, version);
            playback.add(operation, argument.slot, argument.shape, rule.apply(g, y));
          }
          case Op.Picked picked -> playback.addPicked(operation, argument.slot, argument.shape, picked, g);
          default -> throw new IllegalStateException(operation + ": a rule of an operation of several results");
        }
      }
    }
  }

  @Override
  List<Shape> shapes() {
    return List.of(shape);
  }

  @Override
  void forEachArgument(IntConsumer consumer) {
    for (Op.Argument argument : arguments) {
      consumer.accept(argument.slot);
    }
  }
}

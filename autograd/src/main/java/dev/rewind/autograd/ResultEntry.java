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
    if (!playback.isRecorded()) {
      playPlainly(playback);
      return;
    }
    Variable g = playback.gradient(slot);
    for (Op.Argument argument : arguments) {
      if (playback.needs(argument.slot)) {
        playback.add(operation, argument.slot, argument.shape, gradient(argument.rule, g));
      }
    }
  }

  /// First order, without a tensor for each contribution where the rule is of a kind that knows how.
  private void playPlainly(Playback playback) {
    if (arguments.length == 1 && arguments[0].rule instanceof Op.Transposed && playback.handOn(slot, arguments[0])) {
      return;
    }
    Playback.Finished g = playback.finish(slot);
    for (Op.Argument argument : arguments) {
      if (playback.looksForAnomalies() && !(argument.rule instanceof Op.Picked)) {
        playback.check(operation, gradient(argument.rule, playback.constant(g.value())));
      }
      switch (argument.rule) {
        case Op.InPlace rule when rule.fits(argument.shape, g.value().shape()) ->
            rule.addInto(playback.sum(argument, g).sum(), g.value());
        case Op.InPlaceResult rule ->
            rule.addInto(playback.sum(argument, g).sum(), g.value(), result(playback.constant(g.value())).value());
        case Op.RightFactor rule -> playback.sum(argument, g).addProduct(rule.left().value(), g.value(), g.loan());
        case Op.Picked picked -> playback.sum(argument, g).addPicked(picked, g);
        case Op.ViewRule rule -> playback.addView(operation, argument, rule, g);
        default -> {
          g.keep();
          playback.add(operation, argument.slot, argument.shape, gradient(argument.rule, playback.constant(g.value())));
        }
      }
    }
    playback.release(g);
  }

  private Variable gradient(Object rule, Variable g) {
    return switch (rule) {
      case Op.Rule plain -> plain.apply(g);
      case Op.ResultRule withResult -> withResult.apply(g, result(g));
      case Op.Picked picked -> picked.rule().apply(g);
      default -> throw new IllegalStateException(operation + ": a rule of an operation of several results");
    };
  }

  private Variable result(Variable g) {
    return new Variable(g.tape(), slot, value, version);
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

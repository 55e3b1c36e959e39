package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// What the tape keeps of one operation: where its results are, and how a gradient passes through it. It holds places
/// and shapes of the arguments, never the variables.
abstract sealed class Node {
  final String operation;
  final int slot; // of the first result; the others follow
  final int results;
  final String line; // of the user's code, in anomaly mode

  private Node(String operation, int slot, int results, Tape tape) {
    this.operation = operation;
    this.slot = slot;
    this.results = results;
    this.line = Anomaly.line(tape);
  }

  /// Says that a tensor was changed that the rule needs as it was.
  final IllegalStateException changedInPlace(String tensor) {
    return new IllegalStateException(operation + ": its gradient needs " + tensor
        + ", which was changed in place after it was recorded; change a copy, or change it after gradients(..)"
        + (line.isEmpty() ? "" : "; recorded at " + line));
  }

  /// The shapes of the results.
  abstract List<Shape> shapes();

  /// Adds to the gradients of the arguments what comes from those of the results.
  abstract void backward(BackwardPass pass);

  /// Names the slots of the arguments that are tracked.
  abstract void forEachArgument(IntConsumer consumer);

  /// An operation of one result, with a rule per argument.
  static final class Single extends Node {
    private final Op.Argument[] arguments;
    private final Shape shape;
    private final Tensor value; // null unless a rule takes the result
    private final int version;

    Single(String operation, int slot, Op.Argument[] arguments, Tensor value) {
      super(operation, slot, 1, arguments[0].tape);
      this.arguments = arguments;
      this.shape = value.shape();
      this.value = needsResult(arguments) ? value : null;
      this.version = value.version();
    }

    private static boolean needsResult(Op.Argument[] arguments) {
      for (Op.Argument argument : arguments) {
        if (argument.needsResult) {
          return true;
        }
      }
      return false;
    }

    @Override
    List<Shape> shapes() {
      return List.of(shape);
    }

    @Override
    void backward(BackwardPass pass) {
      Variable g = pass.take(slot);
      Variable y = value == null ? null : new Variable(pass.tape, slot, value, version);
      for (Op.Argument argument : arguments) {
        pass.add(argument, g, y);
      }
    }

    @Override
    void forEachArgument(IntConsumer consumer) {
      for (Op.Argument argument : arguments) {
        consumer.accept(argument.slot);
      }
    }
  }

  /// An operation with one rule for all arguments and results.
  static sealed class Joint extends Node {
    private final int[] slots;
    private final List<Shape> shapes;
    private final List<Shape> argumentShapes;
    private final DType dtype;
    private final Op.JointRule rule;
    private final Op.AddJointlyInto addInto; // null if there is only the rule

    Joint(String operation, int slot, List<Tensor> values, List<Variable> arguments, Op.JointRule rule,
        Op.AddJointlyInto addInto) {
      super(operation, slot, values.size(), arguments.getFirst().tape());
      this.shapes = values.stream().map(Tensor::shape).toList();
      this.slots = arguments.stream().mapToInt(Variable::slot).toArray();
      this.argumentShapes = arguments.stream().map(Variable::shape).toList();
      this.dtype = values.getFirst().dtype();
      this.rule = rule;
      this.addInto = addInto;
    }

    @Override
    List<Shape> shapes() {
      return shapes;
    }

    @Override
    void backward(BackwardPass pass) {
      List<Variable> gradients = new ArrayList<>(results);
      for (int i = 0; i < results; i++) {
        Variable g = pass.take(slot + i);
        gradients.add(g != null ? g : none(pass.tape, i));
      }
      if (addInto == null || !pass.addJointly(slots[0], argumentShapes.getFirst(), addInto, gradients)) {
        applyRule(pass, gradients);
      }
    }

    /// What stands for the gradient of a result that does not matter.
    Variable none(Tape tape, int result) {
      return tape.constant(Tensor.zeros(dtype, shapes.get(result)));
    }

    private void applyRule(BackwardPass pass, List<Variable> gradients) {
      List<Variable> passedOn = rule.apply(gradients);
      if (passedOn.size() != slots.length) {
        throw new IllegalStateException(
            operation + ": its rule gave " + passedOn.size() + " gradients for " + slots.length + " arguments");
      }
      for (int i = 0; i < slots.length; i++) {
        if (passedOn.get(i) != null) {
          pass.add(slots[i], argumentShapes.get(i), passedOn.get(i));
        }
      }
    }

    @Override
    void forEachArgument(IntConsumer consumer) {
      Arrays.stream(slots).filter(argument -> argument != Tape.UNTRACKED).forEach(consumer);
    }
  }

  /// The same with a rule for the first order alone, and operations that compute the results again for higher orders.
  static final class Fused extends Joint {
    private final Supplier<List<Variable>> composite; // null if there is only the first order

    Fused(String operation, int slot, List<Tensor> values, List<Variable> arguments, Op.JointRule rule,
        Supplier<List<Variable>> composite) {
      super(operation, slot, values, arguments, rule, null);
      this.composite = composite;
    }

    @Override
    void backward(BackwardPass pass) {
      if (!(pass instanceof BackwardPass.Recorded)) {
        super.backward(pass);
      } else if (composite != null) {
        Replay.backward(pass, this, composite, Optional.empty());
      } else {
        throw new IllegalStateException(operation + ": has a gradient of the first order only; "
            + "declare the operation with a composite form to differentiate again");
      }
    }

    @Override
    Variable none(Tape tape, int result) {
      return null;
    }
  }

  /// A stretch of the computation that was not kept (gradient checkpointing): the backward pass runs it again.
  static final class Checkpoint extends Node {
    private final int[] inputs;
    private final List<Shape> shapes;
    private final Supplier<List<Variable>> f;
    private final Optional<Rng.State> draws;

    /// @param stretch what was recorded of it
    Checkpoint(int slot, List<Variable> results, List<Node> stretch, Supplier<List<Variable>> f,
        Optional<Rng.State> draws) {
      super("recompute", slot, results.size(), results.getFirst().tape());
      this.inputs = inputsOf(stretch);
      this.shapes = results.stream().map(Variable::shape).toList();
      this.f = f;
      this.draws = draws;
    }

    /// The slots that a stretch of nodes reads and does not itself fill.
    private static int[] inputsOf(List<Node> stretch) {
      BitSet read = new BitSet();
      stretch.forEach(node -> node.forEachArgument(read::set));
      stretch.forEach(node -> read.clear(node.slot, node.slot + node.results));
      return read.stream().toArray();
    }

    @Override
    List<Shape> shapes() {
      return shapes;
    }

    @Override
    void backward(BackwardPass pass) {
      Replay.backward(pass, this, f, draws);
    }

    @Override
    void forEachArgument(IntConsumer consumer) {
      Arrays.stream(inputs).forEach(consumer);
    }
  }
}

package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/// How operations are declared, ours and a user's: the value, and one gradient rule per differentiable argument, written
/// with variables so that it can itself be differentiated.
///
/// ```java
/// static Variable tanh(Variable x) {
///   return record("tanh", x.value().tanh(), wrt(x, (g, y) -> g.tanhSlope(y)));
/// }
/// ```
///
/// A rule may return a gradient of any shape that the argument broadcasts to; the tape sums it down. It keeps alive what
/// it captures: capture shapes rather than variables where they suffice.
public final class Op {
  private Op() {}

  /// From the gradient of the result to that of an argument.
  @FunctionalInterface
  public interface Rule {
    /// The gradient of the argument, given that of the result.
    Variable apply(Variable g);
  }

  /// From the gradient of the result, and the result, to the gradient of an argument.
  @FunctionalInterface
  public interface ResultRule {
    /// The gradient of the argument, given that of the result and the result.
    Variable apply(Variable g, Variable y);
  }

  /// From the gradients of several results to that of an argument; what does not matter to the target comes as zeros.
  @FunctionalInterface
  public interface ManyRule {
    /// The gradient of the argument, given those of the results in order.
    Variable apply(List<Variable> g);
  }

  /// From the gradients of all results to those of all arguments: one pass for all. Elements may be null, for a result
  /// that does not matter, or an argument that gets nothing.
  @FunctionalInterface
  public interface JointRule {
    /// The gradients of the arguments in order, given those of the results in order. It may hand on what it is given, but keep
    /// none of it: the memory is used again.
    List<Variable> apply(List<Variable> g);
  }

  /// Adds a gradient to a part of an accumulator of the argument's shape, in place: for operations that pick elements.
  @FunctionalInterface
  public interface Scatter {
    /// Adds `g`, of the result's shape, into `accumulator`, of the argument's. It may keep neither.
    void addInto(Tensor accumulator, Tensor g);
  }

  /// A differentiable argument and its rule, for [#record]. It holds the argument's place on the tape, not its value.
  public static final class Argument {
    final Tape tape;
    final int slot;
    final Shape shape;
    final Object rule; // Rule, ResultRule, ManyRule, Picked or one of the kinds below

    private Argument(Variable x, Object rule) {
      this.tape = x.tape();
      this.slot = x.slot();
      this.shape = x.shape();
      this.rule = rule;
    }
  }

  record Picked(Scatter scatter, Rule rule, Tensor rows) {}

  // ---- rules that first-order playback knows how to do with fewer copies; the rule itself serves all other uses -------

  /// A rule whose gradient is that of the result seen in another way: the same memory.
  @FunctionalInterface
  interface ViewRule extends Rule {}

  /// A rule that can also add its gradient into a sum, without making a tensor of it: first-order playback does that, in
  /// memory that it uses again and again; [#apply] serves higher orders.
  public interface InPlace extends Rule {
    /// Adds the gradient of the argument, given that of the result. It may keep neither.
    ///
    /// @param sum of the argument's shape
    void addInto(Accumulator sum, Tensor g);

    /// Whether [#addInto] can do so for an argument and a result of these shapes; by default where they are equal.
    default boolean fits(Shape argument, Shape g) {
      return argument.equals(g);
    }
  }

  /// The same for a rule that takes the result.
  interface InPlaceResult extends ResultRule {
    void addInto(Accumulator sum, Tensor g, Tensor y);
  }

  /// The gradient of the right operand of a product: `left' g`.
  record RightFactor(Variable left) implements Rule {
    @Override
    public Variable apply(Variable g) {
      return left.transpose().matmul(g);
    }
  }

  /// The gradient of a matrix that was transposed.
  record Transposed() implements ViewRule {
    @Override
    public Variable apply(Variable g) {
      return g.transpose();
    }
  }

  /// The gradient of what was split along an axis into parts that begin at `starts`, and the end of the last.
  record Parts(int axis, int[] starts) implements ManyRule {
    @Override
    public Variable apply(List<Variable> gradients) {
      return Variable.concat(axis, gradients);
    }

    Tensor part(Tensor whole, int i) {
      return whole.slice(axis, starts[i], starts[i + 1]);
    }
  }

  /// The argument `x` with a rule that needs the gradient of the result alone.
  public static Argument wrt(Variable x, Rule rule) {
    return new Argument(x, rule);
  }

  /// The argument `x` with a rule that gives a view.
  static Argument wrtView(Variable x, ViewRule rule) {
    return new Argument(x, rule);
  }

  /// The argument `x` with a rule that also takes the result.
  public static Argument wrt(Variable x, ResultRule rule) {
    return new Argument(x, rule);
  }

  /// The argument `x` of an operation of several results.
  public static Argument wrtMany(Variable x, ManyRule rule) {
    return new Argument(x, rule);
  }

  /// The argument `x` of an operation that picks some of its elements: first-order playback adds in place into one
  /// accumulator, so that a loop of slices is linear in its length; the rule serves higher orders.
  public static Argument wrtPicked(Variable x, Scatter scatter, Rule rule) {
    return new Argument(x, new Picked(scatter, rule, null));
  }

  /// The table `x` of a lookup of whole rows; the gradient stays a set of rows where that is less.
  static Argument wrtRows(Variable x, Tensor indices, Scatter scatter, Rule rule) {
    return new Argument(x, new Picked(scatter, rule, indices));
  }

  /// The result of an operation as a variable on its arguments' tape, recorded if one of them needs a gradient.
  ///
  /// @throws IllegalStateException if the arguments are on different tapes or theirs is closed
  public static Variable record(String operation, Tensor value, Argument... arguments) {
    return arguments[0].tape.record(operation, value, arguments);
  }

  /// The results of an operation of several; the arguments are made by [#wrtMany].
  public static List<Variable> recordMany(String operation, List<Tensor> values, Argument... arguments) {
    return arguments[0].tape.recordMany(operation, values, arguments);
  }

  /// The results of a fused operation whose one rule gives the gradients of all arguments.
  ///
  /// @param composite computes the results again from the arguments by operations that can be differentiated, for higher
  ///     orders; null if there is none, which makes asking for a higher order an error
  public static List<Variable> recordFused(
      String operation, List<Tensor> values, List<Variable> arguments, JointRule rule,
      Supplier<List<Variable>> composite) {
    return arguments.getFirst().tape().recordFused(operation, values, arguments, rule, composite);
  }
}

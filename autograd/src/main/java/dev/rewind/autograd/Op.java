package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// How operations are declared, ours and a user's: the value, and one gradient rule per differentiable argument,
/// written with variables so that it can itself be differentiated.
///
/// ```java
/// static Variable exp(Variable x) {
///   return record("exp", x.value().exp(), wrt(x, (g, y) -> g.times(y)));
/// }
/// ```
///
/// A rule may return a gradient of any shape that the argument broadcasts to; the tape sums it down. It keeps alive
/// what it captures: capture shapes rather than variables where they suffice. A tensor that it needs, such as indices
/// or a mask, it captures as a variable (`tape.constant(indices)`) and reads by [Variable#value], which finds out
/// whether the tensor was changed in place since; a tensor captured as such would give wrong gradients silently.
///
/// Beside the rule may stand a second function that adds the same gradient to a [GradientAccumulator], in memory that
/// the backward pass uses again. It is for what is worth it: products, and what is met often. The backward pass
/// of the first order prefers it; the rule serves higher orders, and tests compare the two.
public final class Op {
  private Op() {}

  /// From the gradient of the result, and the result, to the gradient of an argument.
  @FunctionalInterface
  public interface ResultRule {
    /// The gradient of the argument, given that of the result and the result.
    Variable apply(Variable g, Variable y);
  }

  /// From the gradient of the result to that of an argument.
  @FunctionalInterface
  public interface Rule extends ResultRule {
    /// The gradient of the argument, given that of the result.
    Variable apply(Variable g);

    @Override
    default Variable apply(Variable g, Variable y) {
      return apply(g);
    }
  }

  /// Adds the gradient of an argument, given that of the result and the result.
  @FunctionalInterface
  public interface AddResultInto {
    /// Adds to `sum`, which is of the argument's shape. It may add `g` itself or a view of it, but keep none of the
    /// three.
    void add(GradientAccumulator sum, Tensor g, Tensor y);
  }

  /// Adds the gradient of an argument, given that of the result.
  @FunctionalInterface
  public interface AddInto extends AddResultInto {
    /// Adds to `sum`, which is of the argument's shape. It may add `g` itself or a view of it, but keep neither.
    void add(GradientAccumulator sum, Tensor g);

    @Override
    default void add(GradientAccumulator sum, Tensor g, Tensor y) {
      add(sum, g);
    }
  }

  /// From the gradients of all results to those of all arguments: one pass for all.
  @FunctionalInterface
  public interface JointRule {
    /// The gradients of the arguments in order, null for one that gets nothing. It may hand on what it is given, but
    /// keep none of it: the memory is used again.
    List<Variable> apply(List<Variable> g);
  }

  /// Adds the gradient of the one argument of an operation of several results.
  @FunctionalInterface
  interface AddJointlyInto {
    /// Adds to `sum`, given the gradients of the results in order; what does not matter comes as zeros. It may keep
    /// none.
    void add(GradientAccumulator sum, List<Tensor> g);
  }

  /// A differentiable argument and its rule, for [#record]. It holds the argument's place on the tape, not its value.
  public static final class Argument {
    final Tape tape;
    final int slot;
    final Shape shape;
    final ResultRule rule;
    final boolean needsResult;
    final AddResultInto addInto; // null if there is only the rule

    private Argument(Variable x, ResultRule rule, boolean needsResult, AddResultInto addInto) {
      this.tape = x.tape();
      this.slot = x.slot();
      this.shape = x.shape();
      this.rule = rule;
      this.needsResult = needsResult;
      this.addInto = addInto;
    }
  }

  /// What stands for a function that adds in place where the rule gives a view of the gradient, and keeps nothing.
  static final AddInto VIEW = (sum, g) -> {
    throw new AssertionError();
  };

  /// The argument `x` with a rule of views alone.
  static Argument wrtView(Variable x, Rule rule) {
    return new Argument(x, rule, false, VIEW);
  }

  /// Those of the arguments that need a gradient.
  static Argument[] tracked(Argument[] arguments) {
    Argument[] tracked = new Argument[arguments.length];
    int n = 0;
    for (Argument argument : arguments) {
      if (argument.slot != Tape.UNTRACKED) {
        tracked[n++] = argument;
      }
    }
    return n == arguments.length ? arguments : Arrays.copyOf(tracked, n);
  }

  /// The argument `x` with a rule that needs the gradient of the result alone.
  public static Argument wrt(Variable x, Rule rule) {
    return new Argument(x, rule, false, null);
  }

  /// The same with a function that adds in place.
  public static Argument wrt(Variable x, Rule rule, AddInto addInto) {
    return new Argument(x, rule, false, addInto);
  }

  /// The argument `x` with a rule that also takes the result.
  public static Argument wrt(Variable x, ResultRule rule) {
    return new Argument(x, rule, true, null);
  }

  /// The same with a function that adds in place.
  public static Argument wrt(Variable x, ResultRule rule, AddResultInto addInto) {
    return new Argument(x, rule, true, addInto);
  }

  /// The result of an operation as a variable on its arguments' tape, recorded if one of them needs a gradient.
  ///
  /// @throws IllegalStateException if the arguments are on different tapes or theirs is closed
  public static Variable record(String operation, Tensor value, Argument... arguments) {
    return arguments[0].tape.record(operation, value, arguments);
  }

  /// The results of an operation of several, whose one rule, written with variables, gives the gradients of all
  /// arguments. The gradient of a result that does not matter comes as zeros.
  public static List<Variable> recordMany(
      String operation, List<Tensor> values, List<Variable> arguments, JointRule rule) {
    return recordMany(operation, values, arguments, rule, null);
  }

  /// The same with a function that adds in place, for an operation of one argument; null if there is only the rule.
  static List<Variable> recordMany(
      String operation, List<Tensor> values, List<Variable> arguments, JointRule rule, AddJointlyInto addInto) {
    return arguments.getFirst().tape().recordJoint(operation, values, arguments,
        slot -> new Node.Joint(operation, slot, values, arguments, rule, addInto));
  }

  /// The results of a fused operation whose one rule gives the gradients of all arguments, at first order. The gradient
  /// of a result that does not matter comes as null.
  ///
  /// @param composite computes the results again from the arguments by operations that can be differentiated, for
  ///     higher orders; null if there is none, which makes asking for a higher order an error
  public static List<Variable> recordFused(
      String operation, List<Tensor> values, List<Variable> arguments, JointRule rule,
      Supplier<List<Variable>> composite) {
    return arguments.getFirst().tape().recordJoint(operation, values, arguments,
        slot -> new Node.Fused(operation, slot, values, arguments, rule, composite));
  }
}

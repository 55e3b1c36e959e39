package dev.rewind.testing;

import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult;
import dev.rewind.autograd.check.FunctionCheck;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.assertj.core.data.Offset;

/// Where assertions begin:
///
/// ```java
/// import static dev.rewind.testing.RewindAssertions.*;
///
/// assertThat(tensor).hasShape(2, 3).isCloseTo(expected, within(1e-6));
/// assertThatGradientOf(x -> x.tanh()).at(x).isCorrect();
/// assertThat(GradientCheck.ofFunction(loss).against(gradient).at(point)).isCorrect();
/// ```
///
/// Beside it AssertJ's own `assertThat` may be imported: the compiler tells them apart.
public final class RewindAssertions {
  private RewindAssertions() {}

  /// Assertions on a tensor.
  public static TensorAssert assertThat(Tensor actual) {
    return new TensorAssert(actual);
  }

  /// Assertions on the value of a variable.
  public static TensorAssert assertThat(Variable actual) {
    return new TensorAssert(actual == null ? null : actual.value());
  }

  /// Assertions on what a check found.
  public static CheckResultAssert assertThat(CheckResult actual) {
    return new CheckResultAssert(actual);
  }

  /// Assertions on what this check will find.
  public static CheckResultAssert assertThat(GradientCheck check) {
    return new CheckResultAssert(check.run());
  }

  /// Assertions on what this check of a gradient that anyone wrote will find.
  public static CheckResultAssert assertThat(FunctionCheck check) {
    return new CheckResultAssert(check.run());
  }

  /// Assertions on the gradient of a function of one variable, at a point that follows.
  public static GradientAssert assertThatGradientOf(Function<Variable, Variable> function) {
    return new GradientAssert(GradientCheck.of(function));
  }

  /// Assertions on the gradients of a function of several variables, at a point that follows.
  public static GradientAssert assertThatGradientOfMany(Function<List<Variable>, Variable> function) {
    return new GradientAssert(GradientCheck.ofMany(function));
  }

  /// What two elements may differ by.
  public static Offset<Double> within(double difference) {
    return Offset.offset(difference);
  }
}

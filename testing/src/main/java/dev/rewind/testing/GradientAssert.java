package dev.rewind.testing;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Assertions on the gradient of a function, once it is said where: `assertThatGradientOf(f).at(x).isCorrect()`.
public final class GradientAssert {
  private final GradientCheck check;

  GradientAssert(GradientCheck check) {
    this.check = check;
  }

  /// At these inputs.
  public GradientAssert at(Tensor... inputs) {
    return new GradientAssert(check.at(inputs));
  }

  /// For the parameters of these names too, such as a module's `namedParameters()`.
  public GradientAssert withParameters(Map<String, Param> parameters) {
    return new GradientAssert(check.withParameters(parameters));
  }

  /// With other settings of the check: `with(check -> check.secondOrder().seed(7))`.
  public GradientAssert with(UnaryOperator<GradientCheck> settings) {
    return new GradientAssert(settings.apply(check));
  }

  /// That the gradient is correct, as [CheckResultAssert#isCorrect()].
  public CheckResultAssert isCorrect() {
    return new CheckResultAssert(check.run()).isCorrect();
  }

  /// That gradient and second derivative are correct.
  public CheckResultAssert isCorrectToSecondOrder() {
    return with(GradientCheck::secondOrder).isCorrect();
  }

  /// That the gradient is wrong.
  public CheckResultAssert isWrong() {
    return new CheckResultAssert(check.run()).isWrong();
  }
}

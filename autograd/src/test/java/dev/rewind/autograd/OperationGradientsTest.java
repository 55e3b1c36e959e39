package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperationGradientsTest {
  /// Methods that return variables and compute nothing, or by their contract have no gradient.
  private static final Set<String> WITHOUT_GRADIENT = Set.of("named", "retainGradient", "onGradient", "stopGradient",
      "sign", "floor", "round");

  static List<OperationCases.Case> cases() {
    return OperationCases.all().toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientAgreesWithNumericalOne(OperationCases.Case row) {
    GradientCheck.ofMany(row.function()).at(row.at()).run().assertPasses();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void secondDerivativeAgreesWithNumericalOne(OperationCases.Case row) {
    GradientCheck check = GradientCheck.ofMany(row.function()).at(row.at()).secondOrder();
    (row.flat() ? check.allowingZeroGradient() : check).run().assertPasses();
  }

  /// The same gradients as rules give them, one variable at a time, and as they are added in place.
  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAddedInPlaceAreThoseOfTheRules(OperationCases.Case row) {
    try (Tape tape = Tape.recording()) {
      List<Variable> at = Arrays.stream(row.at()).map(tape::watch).toList();
      Variable target = row.function().apply(at);
      Variable twice = target.plus(row.function().apply(at)).times(target.stopGradient().plus(0.7)).sum();
      List<Variable> byRules = tape.differentiate(twice, at);
      Gradients inPlace = tape.gradients(twice);
      for (int i = 0; i < at.size(); i++) {
        assertThat(inPlace.of(at.get(i)).allClose(byRules.get(i).value(), 1e-12, 1e-14)).isTrue();
      }
    }
  }

  static List<OperationCases.Case> casesThatReadConstants() {
    return OperationCases.all().filter(row -> !row.constants().isEmpty()).toList();
  }

  /// Indices and conditions that a caller uses again for the next step, as in scheduled sampling.
  @ParameterizedTest
  @MethodSource("casesThatReadConstants")
  void changesOfIndicesAndConditionsAreFoundOrHarmless(OperationCases.Case row) {
    List<Tensor> expected = gradients(row, () -> {});
    for (Tensor constant : row.constants()) {
      Tensor before = constant.copy();
      try {
        assertThat(gradients(row, () -> constant.assign(constant.dtype() == DType.BOOL
            ? before.not() : before.negate().plus((int) before.max().item())))).isEqualTo(expected);
      } catch (IllegalStateException changed) {
        assertThat(changed).hasMessageMatching(row.operation() + ": its gradient needs a tensor " + constant.dtype()
            + " .*, which was changed in place after it was recorded.*");
      }
      constant.assign(before);
    }
  }

  private static List<Tensor> gradients(OperationCases.Case row, Runnable change) {
    try (Tape tape = Tape.recording()) {
      List<Variable> at = Arrays.stream(row.at()).map(tape::watch).toList();
      Variable target = row.function().apply(at).square().sum();
      change.run();
      Gradients gradients = tape.gradients(target);
      return at.stream().map(gradients::of).toList();
    }
  }

  /// Axes in an array that a caller uses again.
  @Test
  void arraysOfAxesMayChangeAfterRecording() throws ReflectiveOperationException {
    List<Method> reductions = Arrays.stream(Variable.class.getMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()) && m.getReturnType() == Variable.class && !m.isSynthetic())
        .filter(m -> Arrays.equals(m.getParameterTypes(), new Class<?>[] {int[].class})).toList();
    assertThat(reductions).extracting(Method::getName).contains("max", "minKeepDims", "logSumExp", "permute");
    for (Method reduction : reductions) {
      boolean orders = reduction.getName().equals("permute");
      boolean sizes = Set.of("reshape", "expand").contains(reduction.getName());
      int[] axes = orders ? new int[] {1, 0} : sizes ? new int[] {3, 3} : new int[] {0};
      assertThat(gradient(reduction, axes.clone(), axes.clone())).as(reduction.getName())
          .isEqualTo(gradient(reduction, axes, new int[axes.length])).isNotNull();
    }
  }

  private static Tensor gradient(Method reduction, int[] axes, int[] later) throws ReflectiveOperationException {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.arange(9).to(DType.FLOAT64).plus(1).reciprocal().reshape(3, 3));
      Variable y = ((Variable) reduction.invoke(x.square(), (Object) axes)).square().sum();
      System.arraycopy(later, 0, axes, 0, axes.length);
      if (axes.length == 1) {
        axes[0] = later[0] == 0 ? 1 : 0;
      }
      return tape.gradients(y).of(x);
    }
  }

  @Test
  void everyOperationThatReadsATensorHasACaseThatChangesIt() {
    Set<String> covered = casesThatReadConstants().stream().map(OperationCases.Case::operation)
        .collect(Collectors.toSet());
    Set<String> reading = Arrays.stream(Variable.class.getMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()) && Arrays.asList(m.getParameterTypes()).contains(Tensor.class))
        .map(Method::getName).collect(Collectors.toSet());
    assertThat(covered).containsExactlyInAnyOrderElementsOf(reading);
  }

  @Test
  void everyOperationHasACase() {
    Set<String> covered = OperationCases.all().map(OperationCases.Case::operation).collect(Collectors.toSet());
    Set<String> operations = Arrays.stream(Variable.class.getMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()) && yieldsVariables(m) && !m.isSynthetic())
        .map(Method::getName)
        .filter(name -> !WITHOUT_GRADIENT.contains(name))
        .collect(Collectors.toSet());
    assertThat(covered).containsAll(operations);
  }

  private static boolean yieldsVariables(Method method) {
    return method.getReturnType() == Variable.class || method.getReturnType() == Variable.TopK.class
        || method.getReturnType() == List.class;
  }
}

package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.check.GradientCheck;
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
  private static final Set<String> WITHOUT_GRADIENT =
      Set.of("labelled", "retainGradient", "onGradient", "stopGradient", "sign");

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

  @Test
  void everyOperationHasACase() {
    Set<String> covered = OperationCases.all().map(OperationCases.Case::operation).collect(Collectors.toSet());
    Set<String> operations = Arrays.stream(Variable.class.getDeclaredMethods())
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

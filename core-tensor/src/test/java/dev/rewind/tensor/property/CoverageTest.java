package dev.rewind.tensor.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every public operation has a property: a row of a table of [ElementwiseLawsTest], or a method of its name. That of
/// [ElementwiseLawsTest#forms] is of every function of one element.
class CoverageTest {
  private static final List<Class<?>> LAWS = List.of(ElementwiseLawsTest.class, ReductionLawsTest.class,
      ViewLawsTest.class, IndexingLawsTest.class,
      ProductLawsTest.class);

  /// Creation, which has tests of its own, and operations that are checked in the property of a related one.
  private static final Set<String> ELSEWHERE = Set.of(
      "of", "wrap", "scalar", "zeros", "ones", "full", "arange", "eye", "uniform", "normal", "bernoulli",
      "integers", "categorical", "permutation",
      "copy", "contiguous", "fill", "sigmoidBackward", "min", "argmin", "all", "cumsumReverse");

  @Test
  void everyOperationHasAProperty() {
    Set<String> covered = new HashSet<>(ELSEWHERE);
    LAWS.forEach(laws -> Arrays.stream(laws.getDeclaredMethods()).filter(m -> m.isAnnotationPresent(Law.class))
        .forEach(m -> covered.add(m.getName())));
    Stream.of(ElementwiseLawsTest.FUNCTIONS, ElementwiseLawsTest.OPERATORS, ElementwiseLawsTest.COMPARISONS,
        ElementwiseLawsTest.LOGIC)
        .forEach(table -> covered.addAll(table.keySet()));
    Arrays.stream(Unary.values()).map(Unary::label).forEach(covered::add);
    Set<String> operations = Stream.of(Tensor.class, RawAccess.class)
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(m -> Modifier.isPublic(m.getModifiers()) && yieldsTensors(m) && !m.isSynthetic())
        .map(m -> m.getName().replace("InPlace", "").replace("KeepDims", ""))
        .collect(Collectors.toSet());
    assertThat(covered).containsAll(operations);
  }

  private static boolean yieldsTensors(Method method) {
    Class<?> result = method.getReturnType();
    return result == Tensor.class || result == Tensor.TopK.class || result == List.class;
  }
}

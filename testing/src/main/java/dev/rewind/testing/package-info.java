/// Assertions for tests of code that computes with tensors, in the style of AssertJ. Begin with [RewindAssertions]:
///
/// ```java
/// Tensor x = Tensor.of(new double[] {0.5, -1, 2});
/// RewindAssertions.assertThat(x.times(2)).hasShape(3).isCloseTo(x.plus(x), RewindAssertions.within(1e-12));
/// RewindAssertions.assertThatGradientOf(v -> v.tanh()).at(x).isCorrect();
/// ```
///
/// [TensorSource] runs a JUnit test for tensors of several shapes and dtypes.
package dev.rewind.testing;

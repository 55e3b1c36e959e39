package dev.rewind.testing;

import dev.rewind.tensor.DType;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.provider.ArgumentsSource;

/// Runs a test for tensors of normal numbers, of each of these shapes in each of these dtypes:
///
/// ```java
/// @ParameterizedTest
/// @TensorSource(shapes = {"", "1", "2,3", "0,4"})
/// void tanhHasTheRightGradient(Tensor x) {
///   assertThatGradientOf(v -> v.tanh()).at(x).isCorrect();
/// }
/// ```
///
/// The name of each run is dtype, shape and seed.
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ArgumentsSource(TensorArguments.class)
public @interface TensorSource {
  /// Sizes with commas between them; an empty text is a scalar.
  String[] shapes() default {"", "1", "3", "2,3", "2,1,4"};

  /// Floating-point dtypes.
  DType[] dtypes() default {DType.FLOAT32, DType.FLOAT64};

  /// Of the numbers; those of another shape or dtype are others.
  long seed() default 1;
}

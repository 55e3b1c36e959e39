package dev.rewind.testing;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.AnnotationBasedArgumentsProvider;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.support.ParameterDeclarations;

/// Makes the tensors of a [TensorSource], for JUnit.
public final class TensorArguments extends AnnotationBasedArgumentsProvider<TensorSource> {
  /// What JUnit calls.
  public TensorArguments() {}

  @Override
  protected Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context, TensorSource source) {
    return Arrays.stream(source.shapes()).flatMap(shape -> Arrays.stream(source.dtypes()).map(dtype -> {
      Tensor tensor = tensor(shape, dtype, source.seed());
      return Arguments.of(Named.of(dtype + " " + tensor.shape() + ", seed " + source.seed(), tensor));
    }));
  }

  private static Tensor tensor(String shape, DType dtype, long seed) {
    int[] sizes;
    try {
      sizes = shape.isBlank() ? new int[0] : Arrays.stream(shape.split(",")).map(String::strip)
          .mapToInt(Integer::parseInt).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("tensor source: '" + shape + "' is no shape; say \"2,3\"", e);
    }
    return Tensor.normal(Rng.of(seed).split(dtype + " " + Shape.of(sizes)), dtype, 0, 1, sizes);
  }
}

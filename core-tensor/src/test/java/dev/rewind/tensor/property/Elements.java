package dev.rewind.tensor.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Tensors element by element, without any of the library's loops: what the definitions are written with.
final class Elements {
  private Elements() {}

  /// All indices of a shape, in row-major order.
  static List<int[]> indices(int... sizes) {
    List<int[]> indices = new ArrayList<>();
    if (Arrays.stream(sizes).allMatch(size -> size > 0)) {
      int[] index = new int[sizes.length];
      int axis;
      do {
        indices.add(index.clone());
        axis = sizes.length - 1;
        while (axis >= 0 && ++index[axis] == sizes[axis]) {
          index[axis--] = 0;
        }
      } while (axis >= 0);
    }
    return indices;
  }

  /// The tensor whose elements are `f` of their indices.
  static Tensor build(DType dtype, int[] sizes, ToDoubleFunction<int[]> f) {
    double[] values = indices(sizes).stream().mapToDouble(f).toArray();
    return switch (dtype) {
      case FLOAT64 -> Tensor.of(values).reshape(sizes);
      case FLOAT32 -> {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) values[i];
        }
        yield Tensor.of(floats).reshape(sizes);
      }
      case INT32 -> Tensor.of(Arrays.stream(values).mapToInt(v -> (int) v).toArray()).reshape(sizes);
      case BOOL -> {
        boolean[] booleans = new boolean[values.length];
        for (int i = 0; i < booleans.length; i++) {
          booleans[i] = values[i] != 0;
        }
        yield Tensor.of(booleans).reshape(sizes);
      }
    };
  }

  /// Shape, dtype and every element equal; NaN equals NaN, and both zeros are the same.
  static void assertSame(String what, Tensor actual, Tensor expected) {
    assertClose(what, actual, expected, 0, 0);
  }

  /// Every element within `relative` of the expected value, plus `absolute`.
  static void assertClose(String what, Tensor actual, Tensor expected, double relative, double absolute) {
    assertThat(actual.dtype()).as(what).isEqualTo(expected.dtype());
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    for (int[] index : indices(expected.shape().sizes())) {
      double e = expected.at(index);
      double a = actual.at(index);
      boolean same = a == e || Double.isNaN(a) && Double.isNaN(e)
          || Math.abs(a - e) <= relative * Math.abs(e) + absolute;
      assertThat(same).as("%s at %s: %s instead of %s", what, Arrays.toString(index), a, e).isTrue();
    }
  }

  /// `values` without what is at `axis`.
  static int[] without(int[] values, int axis) {
    int[] rest = new int[values.length - 1];
    System.arraycopy(values, 0, rest, 0, axis);
    System.arraycopy(values, axis + 1, rest, axis, rest.length - axis);
    return rest;
  }

  /// `values` with another one at `axis`.
  static int[] with(int[] values, int axis, int value) {
    int[] changed = values.clone();
    changed[axis] = value;
    return changed;
  }
}

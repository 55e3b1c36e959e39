package dev.rewind.tensor;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;

/// New tensors: from nested arrays, and of numbers that a rule or a random stream gives.
final class Creation {
  private Creation() {}

  /// `[rows, columns]` from arrays of one element type.
  static Tensor ofRows(Object[] rows) {
    int columns = rows.length == 0 ? 0 : Array.getLength(rows[0]);
    Object values = Array.newInstance(rows.getClass().componentType().componentType(), rows.length * columns);
    for (int i = 0; i < rows.length; i++) {
      int length = Array.getLength(rows[i]);
      if (length != columns) {
        throw new ShapeException("of: row " + i + " has " + length + " values, row 0 has " + columns);
      }
      System.arraycopy(rows[i], 0, values, i * columns, columns);
    }
    return new Tensor(Storage.of(values), Shape.of("of", rows.length, columns));
  }

  /// `[matrices, rows, columns]` from arrays of rows.
  static Tensor ofMatrices(Object[][] matrices) {
    List<Tensor> parts = Arrays.stream(matrices).map(Creation::ofRows).toList();
    for (int i = 1; i < parts.size(); i++) {
      if (!parts.get(i).shape().equals(parts.getFirst().shape())) {
        throw new ShapeException(
            "of: matrix " + i + " is " + parts.get(i).shape() + ", matrix 0 is " + parts.getFirst().shape());
      }
    }
    Class<?> row = matrices.getClass().componentType().componentType();
    return parts.isEmpty() ? ofRows((Object[]) Array.newInstance(row, 0)).unsqueeze(0).slice(0, 0, 0).copy()
        : Movement.stack(0, parts);
  }

  /// The shape of so many elements: of one axis, if there are no sizes.
  static Shape shape(int elements, int[] sizes) {
    Shape shape = sizes.length == 0 ? Shape.of(elements) : Shape.of("of", sizes);
    if (shape.elements() != elements) {
      throw new ShapeException("of: " + elements + " values do not fill " + shape);
    }
    return shape;
  }

  static Tensor arange(int n) {
    int[] values = new int[Shape.of("arange", n).elements()];
    Arrays.setAll(values, i -> i);
    return Tensor.wrap(values, n);
  }

  static Tensor eye(DType dtype, int n) {
    Tensor result = Tensor.zeros(dtype, Shape.of("eye", n, n));
    result.view(new Layout(Shape.of(n), new int[] {n + 1}, 0)).fill(1);
    return result;
  }

  static Tensor uniform(Rng rng, DType dtype, double low, double high, Shape shape) {
    Rng.requireRange("uniform", low, high);
    Tensor result = Tensor.zeros(dtype, shape);
    switch (result.storage().array()) {
      case float[] y -> rng.fillUniform(y, 0, y.length, (float) low, (float) high);
      case double[] y -> rng.fillUniform(y, 0, y.length, low, high);
      default -> Elementwise.requireFloating("uniform", result);
    }
    return result;
  }

  static Tensor normal(Rng rng, DType dtype, double mean, double deviation, Shape shape) {
    Rng.requireNormal("normal", mean, deviation);
    Tensor result = Tensor.zeros(dtype, shape);
    switch (result.storage().array()) {
      case float[] y -> rng.fillNormal(y, 0, y.length, (float) mean, (float) deviation);
      case double[] y -> rng.fillNormal(y, 0, y.length, mean, deviation);
      default -> Elementwise.requireFloating("normal", result);
    }
    return result;
  }

  static Tensor bernoulli(Rng rng, double p, Shape shape) {
    Rng.requireProbability("bernoulli", p);
    Tensor result = Tensor.zeros(DType.BOOL, shape);
    rng.fillBernoulli(result.booleans(), 0, shape.elements(), p);
    return result;
  }

  static Tensor integers(Rng rng, int bound, Shape shape) {
    Rng.requireBound("integers", bound);
    Tensor result = Tensor.zeros(DType.INT32, shape);
    Arrays.setAll(result.ints(), i -> rng.nextInt(bound));
    return result;
  }

  static Tensor categorical(Rng rng, Tensor weights) {
    Elementwise.requireFloating("categorical", weights);
    int last = weights.shape().axis("categorical", -1);
    int n = weights.shape().at(last);
    Tensor rows = weights.contiguous();
    Tensor result = Tensor.zeros(DType.INT32, weights.layout().axes(axis -> axis != last).shape());
    Arrays.setAll(result.ints(), row -> {
      int from = rows.offset() + row * n;
      try {
        return rows.dtype() == DType.FLOAT32
            ? rng.nextCategorical(rows.floats(), from, n) : rng.nextCategorical(rows.doubles(), from, n);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "categorical: row " + row + " of " + rows.shape() + ": " + e.getMessage(), e);
      }
    });
    return result;
  }
}

package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// The gradient of one parameter: a whole tensor, or, for a table of which few rows were looked up, those rows.
/// Immutable.
public sealed interface Gradient {
  /// The shape of the parameter.
  Shape shape();

  /// The whole tensor, contiguous; rows that were not looked up are zeros.
  Tensor dense();

  /// The elements that may differ from zero: the tensor, or the rows alone.
  Tensor values();

  /// Whether no element is NaN or infinite.
  default boolean isFinite() {
    return values().isFinite().all().item() != 0;
  }

  /// This gradient with other [#values].
  Gradient withValues(Tensor values);

  /// The element-wise sum of both.
  default Gradient plus(Gradient other) {
    return new Dense(dense().plus(other.dense()));
  }

  /// A whole tensor.
  record Dense(Tensor values) implements Gradient {
    @Override
    public Shape shape() {
      return values.shape();
    }

    @Override
    public Tensor dense() {
      return values;
    }

    @Override
    public Gradient withValues(Tensor other) {
      return new Dense(other);
    }
  }

  /// Some rows of a table.
  ///
  /// @param shape that of the table, `[rows, ..]`
  /// @param indices which rows, INT32, ascending, each once, `[count]`
  /// @param values their gradients, `[count, ..]`
  record Rows(Shape shape, Tensor indices, Tensor values) implements Gradient {
    /// Sums the rows of equal index, in order of lookup and of position within it.
    static Rows of(Shape shape, List<Lookup> lookups) {
      int[] sorted = lookups.stream().flatMapToInt(l -> Arrays.stream(l.indices().toInts())).sorted().distinct()
          .toArray();
      int[] sizes = shape.sizes();
      sizes[0] = sorted.length;
      Tensor values = Tensor.zeros(lookups.getFirst().gradient().dtype(), sizes);
      for (Lookup lookup : lookups) {
        int[] places = lookup.indices().toInts();
        Arrays.setAll(places, i -> Arrays.binarySearch(sorted, places[i]));
        values.scatterAddInPlace(Tensor.wrap(places).reshape(lookup.indices().shape()), lookup.gradient(), 0);
      }
      return new Rows(shape, Tensor.wrap(sorted), values);
    }

    @Override
    public Tensor dense() {
      return Tensor.zeros(values.dtype(), shape).scatterAddInPlace(indices, values, 0);
    }

    /// Rows of both stay rows.
    @Override
    public Gradient plus(Gradient other) {
      return other instanceof Rows rows
          ? of(shape, List.of(new Lookup(indices, values), new Lookup(rows.indices, rows.values)))
          : Gradient.super.plus(other);
    }

    @Override
    public Gradient withValues(Tensor other) {
      return new Rows(shape, indices, other);
    }
  }

  /// The gradient of one lookup of rows, before equal ones are summed.
  record Lookup(Tensor indices, Tensor gradient) {}
}

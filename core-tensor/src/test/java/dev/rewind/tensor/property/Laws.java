package dev.rewind.tensor.property;

import dev.rewind.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;

/// What all properties draw from.
abstract class Laws {
  private static final int MOST_ELEMENTS = 1500;

  /// Two operands whose shapes broadcast.
  record Pair(Operand a, Operand b) {
    /// The shape to which they broadcast.
    List<Integer> sizes() {
      List<Integer> sizes = new ArrayList<>();
      int rank = Math.max(a.sizes().size(), b.sizes().size());
      for (int axis = 0; axis < rank; axis++) {
        int mine = sizeAt(a, axis, rank);
        sizes.add(mine == 1 ? sizeAt(b, axis, rank) : mine);
      }
      return sizes;
    }

    private static int sizeAt(Operand x, int axis, int rank) {
      int own = axis - (rank - x.sizes().size());
      return own < 0 ? 1 : x.sizes().get(own);
    }
  }

  private static Arbitrary<List<Integer>> shapes() {
    Arbitrary<Integer> sizes = Arbitraries.of(1, 2, 3, 1, 4, 5, 2, 0, 17, 33);
    return sizes.list().ofMaxSize(4)
        .filter(list -> list.stream().mapToLong(i -> i).reduce(1, (a, b) -> a * b) <= MOST_ELEMENTS);
  }

  private static Arbitrary<Operand> operands(DType... dtypes) {
    return Combinators
        .combine(Arbitraries.of(dtypes), shapes(), Arbitraries.of(false, true), Arbitraries.of(false, true),
            Arbitraries.longs().between(0, 1 << 30))
        .as(Operand::new);
  }

  /// FLOAT32 or FLOAT64.
  @Provide
  Arbitrary<Operand> floating() {
    return operands(DType.FLOAT32, DType.FLOAT64);
  }

  /// FLOAT32 or FLOAT64, at least one axis.
  @Provide
  Arbitrary<Operand> floatingAxes() {
    return floating().filter(x -> !x.sizes().isEmpty());
  }

  /// Of any dtype.
  @Provide
  Arbitrary<Operand> any() {
    return operands(DType.values());
  }

  /// Of any dtype, at least one axis.
  @Provide
  Arbitrary<Operand> axes() {
    return any().filter(x -> !x.sizes().isEmpty());
  }

  /// BOOL.
  @Provide
  Arbitrary<Operand> booleans() {
    return operands(DType.BOOL);
  }

  /// FLOAT32, FLOAT64 or INT32, in shapes that broadcast.
  @Provide
  Arbitrary<Pair> numbers() {
    return pairs(operands(DType.FLOAT32, DType.FLOAT64, DType.INT32));
  }

  /// BOOL, in shapes that broadcast.
  @Provide
  Arbitrary<Pair> booleanPairs() {
    return pairs(booleans());
  }

  private static Arbitrary<Pair> pairs(Arbitrary<Operand> whole) {
    Arbitrary<Integer> bits = Arbitraries.integers().between(0, 15);
    Arbitrary<Integer> dropped = Arbitraries.of(0, 0, 1, 2);
    return Combinators.combine(whole, bits, bits, dropped, dropped, Arbitraries.of(false, true))
        .as((x, ones, otherOnes, drop, otherDrop, view) -> {
          List<Integer> a = narrowed(x.sizes(), ones, drop);
          List<Integer> b = narrowed(x.sizes(), otherOnes, otherDrop);
          Operand other = new Operand(x.dtype(), b, view, x.special(), x.seed() + 1);
          return new Pair(x.ofShape(a), other);
        });
  }

  private static List<Integer> narrowed(List<Integer> sizes, int ones, int drop) {
    List<Integer> narrowed = new ArrayList<>();
    for (int axis = Math.min(drop, sizes.size()); axis < sizes.size(); axis++) {
      narrowed.add((ones >> axis & 1) == 1 ? 1 : sizes.get(axis));
    }
    return List.copyOf(narrowed);
  }
}

package dev.rewind.tensor.property;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A recipe for a tensor, which reads well when a property fails and shrinks well: a plain row-major tensor, or a view
/// of that shape with steps, reversed, permuted and repeated axes, and an offset.
///
/// @param view whether it is a view
/// @param special whether one value in eight is NaN, infinite, a zero of either sign, subnormal or huge
record Operand(DType dtype, List<Integer> sizes, boolean view, boolean special, long seed) {
  private static final double[] SPECIAL = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1e-40, -1e-44, 3e38
  };

  int[] shape() {
    return sizes.stream().mapToInt(i -> i).toArray();
  }

  Operand with(DType other) {
    return new Operand(other, sizes, view, special, seed);
  }

  Operand ofShape(List<Integer> other) {
    return new Operand(dtype, other, view, special, seed);
  }

  /// The tensor, the same at every call.
  Tensor tensor() {
    SplittableRandom random = new SplittableRandom(seed);
    return view ? view(random) : filled(random, shape());
  }

  private Tensor view(SplittableRandom random) {
    int rank = sizes.size();
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      order.add(random.nextInt(order.size() + 1), axis);
    }
    int[] kinds = random.ints(rank, 0, 4).toArray();
    int[] base = new int[rank];
    for (int i = 0; i < rank; i++) {
      base[i] = switch (kinds[i]) {
        case 0 -> 2 * sizes.get(order.get(i)) + 1; // every second, from the second on
        case 1 -> 1; // repeated
        default -> sizes.get(order.get(i));
      };
    }
    Tensor x = filled(random, base);
    for (int i = 0; i < rank; i++) {
      int size = sizes.get(order.get(i));
      x = switch (kinds[i]) {
        case 0 -> x.slice(i, 1, 2 * size + 1, 2);
        case 1 -> size == 1 ? x : repeated(x, i, size);
        case 2 -> x.flip(i);
        default -> x;
      };
    }
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      back[order.get(i)] = i;
    }
    return x.permute(back);
  }

  private static Tensor repeated(Tensor x, int axis, int size) {
    int[] target = x.shape().sizes();
    target[axis] = size;
    return x.expand(target);
  }

  private Tensor filled(SplittableRandom random, int[] shape) {
    return Elements.build(dtype, shape, index -> switch (dtype) {
      case BOOL -> random.nextInt(2);
      case INT32 -> random.nextInt(-9, 10);
      case FLOAT32, FLOAT64 -> special && random.nextInt(8) == 0
          ? SPECIAL[random.nextInt(SPECIAL.length)]
          : random.nextInt(4) == 0 ? random.nextInt(-2, 3) : 3 * difference(random);
    });
  }

  private static double difference(SplittableRandom random) {
    double minuend = random.nextDouble();
    return minuend - random.nextDouble();
  }
}

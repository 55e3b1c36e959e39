package dev.rewind.tensor.kernel;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.elementwise.VectorFunctions;
import dev.rewind.tensor.kernel.product.ThreeWideTiles;
import dev.rewind.tensor.kernel.product.TwoWideTiles;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Runs vector kernels on small data of its own until the compiler has made machine code of them. Before that, an
/// operation on vectors is a call and an object, a hundred times as slow. Loops are short and calls many, so that a
/// kernel is compiled as a whole, never in the middle of a loop; every one meets whole vectors and a rest, as others
/// will want it.
///
/// Between rounds it rests, for the compiler to catch up: who calls an interpreted kernel without end makes the
/// compiler busy with the insides of the Vector API, which it then has to inline anyway.
final class WarmUp {
  /// Calls of each kernel in a round.
  private static final int CALLS = 100;
  private static final long REST = 1_000_000; // nanoseconds between two rounds, at least

  /// Nanoseconds that a vector may take in compiled code, with all that is done to it. Interpreted it takes thousands.
  private static final long COMPILED = 100;

  /// Rounds after which a kernel will not become faster: the machine is slow, or has no such vectors.
  private static final int ROUNDS = 400;

  private static final int LANES = VectorFunctions.SPECIES.length();
  private static final int N = 2 * LANES + 3;
  private static final int DEPTH = 8;

  private final float[] a = filled(0.5f, 6 * DEPTH);
  private final float[] b = filled(0.25f, 3 * LANES * DEPTH);
  private final float[] c = filled(0, 18 * LANES);
  private final float[] gates = filled(0.5f, 4 * N);
  private final float[] x = filled(0.5f, N);
  private final float[] y = filled(0.25f, N);
  private final float[] z = filled(0.5f, N);
  private final float[] w = filled(0.5f, N);

  private record Task(int vectors, Runnable run) {}

  private static float[] filled(float value, int n) {
    float[] array = new float[n];
    Arrays.fill(array, value);
    return array;
  }

  /// The tallest tiles first, which do most of the products; then, at leisure, what else a step of training needs.
  void run(Kernels kernels) {
    List<Task> tiles = tiles();
    run(tiles.subList(0, 3), 0);
    run(tiles.subList(3, tiles.size()), 2);
    run(functions(kernels), 2);
  }

  private List<Task> tiles() {
    List<Task> tasks = new ArrayList<>();
    tasks.add(new Task(DEPTH, () -> TwoWideTiles.multiply(TwoWideTiles.TALLEST, a, 0, DEPTH, 1, b, 0, DEPTH, c, 0,
        3 * LANES, c, 0, 3 * LANES, 2 * LANES)));
    for (int height = ThreeWideTiles.TALLEST; height > 1; height--) {
      int rows = height;
      tasks.add(new Task(DEPTH, () -> ThreeWideTiles.multiply(rows, a, 0, DEPTH, 1, b, 0, DEPTH, c, 0, 3 * LANES, c,
          0, 3 * LANES, 3 * LANES)));
    }
    return tasks;
  }

  private List<Task> functions(Kernels kernels) {
    MapKernels maps = kernels.maps();
    ReductionKernels reductions = kernels.reductions();
    return List.of(
        new Task(30, () -> kernels.recurrent().lstm(N, gates, 0, x, 0, y, 0, z, 0, w, 0)),
        new Task(10, () -> kernels.recurrent().lstmBackward(N, gates, 0, x, 0, y, 0, z, 0, w, 0)),
        new Task(20, () -> kernels.recurrent().gru(N, gates, 0, x, 0, y, 0)),
        new Task(10, () -> kernels.recurrent().gruBackward(N, gates, 0, x, 0, y, 0, z, 0)),
        new Task(4, () -> maps.unary(Unary.EXP, x, 0, y, 0, N)),
        new Task(4, () -> maps.unary(Unary.LOG, x, 0, y, 0, N)),
        new Task(4, () -> maps.affine(x, 0, 0.5f, 0.25f, y, 0, N)),
        new Task(4, () -> maps.binary(Binary.PLUS, x, 0, y, 0, z, 0, N)),
        new Task(4, () -> maps.binary(Binary.MINUS, x, 0, y, 0, z, 0, N)),
        new Task(4, () -> maps.binary(Binary.TIMES, x, 0, y, 0, z, 0, N)),
        new Task(8, () -> reductions.sum(x, 0, 1, N)),
        new Task(8, () -> reductions.sumOfProducts(x, 0, y, 0, N)),
        new Task(4, () -> reductions.max(x, 0, 1, N)));
  }

  /// @param leisure how many times as long as a round the rest after it is
  private static void run(List<Task> tasks, int leisure) {
    boolean[] compiled = new boolean[tasks.size()];
    int left = tasks.size();
    for (int round = 0; round < ROUNDS && left > 0; round++) {
      long begun = System.nanoTime();
      for (int k = 0; k < compiled.length; k++) {
        if (!compiled[k] && fastest(tasks.get(k).run) < COMPILED * tasks.get(k).vectors) {
          compiled[k] = true;
          left--;
        }
      }
      LockSupport.parkNanos(Math.max(REST, leisure * (System.nanoTime() - begun)));
    }
  }

  private static long fastest(Runnable run) {
    long least = Long.MAX_VALUE;
    for (int call = 0; call < CALLS; call++) {
      long before = System.nanoTime();
      run.run();
      least = Math.min(least, System.nanoTime() - before);
    }
    return least;
  }
}

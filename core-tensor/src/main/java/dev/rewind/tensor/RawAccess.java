package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.Binary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The memory behind tensors, and derivatives as single kernels: for authors of kernels and of fused operations. Code
/// that only uses tensors needs none of this: [Tensor#at], [Tensor#toFloats] and [Tensor#wrap(float\[\], int...)] read
/// and share elements safely.
///
/// The arrays are the tensor's own, not copies. Element `[i, j]` of `x` is at `offset(x) + i * stride(x, 0) + j *
/// stride(x, 1)`; a [contiguous][Tensor#isContiguous] tensor has its elements in row-major order from `offset(x)` on.
/// After writing to an array, call [#markChanged]: a backward pass could otherwise use changed values unnoticed.
public final class RawAccess {
  private RawAccess() {}

  /// The array of a FLOAT32 tensor.
  ///
  /// @throws DTypeException if the tensor is of another dtype
  public static float[] floats(Tensor x) {
    Elementwise.requireDType("floats", x, DType.FLOAT32);
    float[] array = x.floats();
    x.rawStorage().expose();
    return array;
  }

  /// The array of a FLOAT64 tensor.
  ///
  /// @throws DTypeException if the tensor is of another dtype
  public static double[] doubles(Tensor x) {
    Elementwise.requireDType("doubles", x, DType.FLOAT64);
    return x.doubles();
  }

  /// The array of an INT32 tensor.
  ///
  /// @throws DTypeException if the tensor is of another dtype
  public static int[] ints(Tensor x) {
    Elementwise.requireDType("ints", x, DType.INT32);
    return x.ints();
  }

  /// The array of a BOOL tensor.
  ///
  /// @throws DTypeException if the tensor is of another dtype
  public static boolean[] booleans(Tensor x) {
    Elementwise.requireDType("booleans", x, DType.BOOL);
    return x.booleans();
  }

  /// The position of the first element in the array.
  public static int offset(Tensor x) {
    return x.offset();
  }

  /// The distance in the array between neighbours along an axis: 0 where the axis was expanded, negative where it was
  /// flipped.
  ///
  /// @throws ShapeException if there is no such axis
  public static int stride(Tensor x, int axis) {
    return x.stride(axis);
  }

  /// Raises the [version][Tensor#version] of a tensor whose array was written to.
  public static void markChanged(Tensor x) {
    x.markChanged();
  }

  /// `g * (1 - y^2)`: the gradient of tanh, given its result `y`. Shapes broadcast. A new tensor.
  ///
  /// @throws ShapeException if the shapes do not broadcast
  /// @throws DTypeException if the dtypes differ or are not floating
  public static Tensor tanhBackward(Tensor g, Tensor y) {
    return Elementwise.binary(Binary.TANH_BACKWARD, g, y);
  }

  /// `g * y * (1 - y)`: the gradient of the logistic function, given its result `y`. Shapes and errors as for
  /// [#tanhBackward].
  public static Tensor sigmoidBackward(Tensor g, Tensor y) {
    return Elementwise.binary(Binary.SIGMOID_BACKWARD, g, y);
  }

  /// `(g - sum(g * y)) * y` along an axis: the gradient of softmax, given its result `y`. A new tensor; views that are
  /// not contiguous may be copied.
  ///
  /// @throws ShapeException if the shapes differ
  /// @throws DTypeException if the dtypes differ or are not floating
  public static Tensor softmaxBackward(Tensor g, Tensor y, int axis) {
    return Softmax.softmaxBackward(g, y, axis);
  }

  /// `g - exp(y) * sum(g)` along an axis: the gradient of the logarithm of softmax, given its result `y`. Shapes,
  /// errors and cost as for [#softmaxBackward].
  public static Tensor logSoftmaxBackward(Tensor g, Tensor y, int axis) {
    return Softmax.logSoftmaxBackward(g, y, axis);
  }

  /// `y = a * b`, or `y += a * b`, for `m` rows in arrays, with the bits of [Tensor#matmul(PackedMatrix)]: row `i` of
  /// `a` has no gaps and begins at `a[ao + i * ars]`, that of the result at `y[yo + i * yrs]`. Runs on the calling
  /// thread, checks no sizes, and needs no memory.
  public static void multiply(int m, float[] a, int ao, int ars, PackedMatrix b, float[] y, int yo, int yrs,
      boolean accumulate) {
    b.multiply(m, a, ao, ars, 1, y, yo, yrs, accumulate);
  }

  /// Defers operations on the rows of batches of these sizes until [DeferredRows#close], or until an element of a
  /// result is read: then each thread takes its rows through all of them. Faster for loops of many operations on rows,
  /// such as the steps of a recurrence; the results have the same bits. Batches too small to gain are ignored.
  public static DeferredRows deferRows(Collection<Integer> batches) {
    return new DeferredRows(batches);
  }

  /// Deferred operations, as [RawAccess#deferRows] begins them: those of the thread that called it, on tensors passed
  /// to [#adopt] and on the results.
  public static final class DeferredRows implements AutoCloseable {
    private final Map<Integer, RowFusion> programs = new HashMap<>();

    private DeferredRows(Collection<Integer> batches) {
      batches.stream().filter(RowFusion::pays).forEach(rows -> programs.put(rows, new RowFusion(rows)));
    }

    /// Operations on this tensor, whose first axis is a batch, may be deferred from now on.
    public void adopt(Tensor x) {
      RowFusion program = programs.isEmpty() || x.rank() == 0 ? null : programs.get(x.size(0));
      if (program != null) {
        program.adopt(x);
      }
    }

    /// Runs all that is deferred.
    @Override
    public void close() {
      programs.values().forEach(RowFusion::close);
    }
  }

  /// Memory for results of operations, which is used again instead of being left to the garbage collector: the next
  /// step of a training finds it in the cache, and it need not be cleared. It belongs to one thread at a time.
  public static final class ResultMemory {
    private static final ScopedValue<ResultMemory> LENDING = ScopedValue.newInstance();

    private final Map<Integer, ArrayDeque<float[]>> idle = new HashMap<>(); // by length
    private final List<Storage> lent = new ArrayList<>();

    /// Without any memory yet.
    public ResultMemory() {}

    /// What `f` gives. The FLOAT32 results of element-wise operations, products, concatenations, lookups and reshapes
    /// in it are lent until [#takeBack]; a [copy][Tensor#copy] is not.
    public <T> T lendTo(Supplier<T> f) {
      return ScopedValue.where(LENDING, this).call(f::get);
    }

    /// A tensor for the result of an operation that writes every element of it.
    static Tensor result(DType dtype, Shape shape) {
      return dtype == DType.FLOAT32 && LENDING.isBound() ? LENDING.get().lend(shape) : Tensor.zeros(dtype, shape);
    }

    /// A FLOAT32 tensor of any contents.
    private Tensor lend(Shape shape) {
      ArrayDeque<float[]> fitting = idle.get(shape.elements());
      float[] array = fitting == null ? null : fitting.poll();
      Storage storage = Storage.of(array == null ? new float[shape.elements()] : array);
      lent.add(storage);
      return new Tensor(storage, shape);
    }

    /// Takes back all that was lent: to read one of those tensors is an [IllegalStateException] from now on. What was
    /// not lent since the last time is let go.
    public void takeBack() {
      idle.clear();
      for (Storage storage : lent.reversed()) { // so that the next step gets the same arrays in the same order
        float[] array = storage.takeBack();
        idle.computeIfAbsent(array.length, length -> new ArrayDeque<>()).push(array);
      }
      lent.clear();
    }

    /// How much is lent, and how much idle.
    @Override
    public String toString() {
      return "memory of results, " + lent.size() + " lent, "
          + idle.values().stream().mapToInt(ArrayDeque::size).sum() + " idle";
    }
  }
}

package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Comparison;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.util.List;

/// A strided view over a row-major Java array: a [DType], a [Shape], an offset and a stride per axis.
///
/// Views (`reshape` where possible, `transpose`, `slice`, `split`, ..) share the array and copy nothing; everything
/// else returns a new contiguous tensor. Operations want equal dtypes (scalars adapt) and broadcast by NumPy's rule. A
/// negative axis counts from the last; one that does not exist throws a [ShapeException], and so does a result of 2^31
/// elements or more. Tensors without elements and those of shape `[]` are operands like all others. Beside its result
/// an operation takes little memory, or says how much. Only methods named `..InPlace`, [#assign] and [#fill] change
/// elements; each change raises the [#version] that all views of one array share.
///
/// Functions of FLOAT64 elements are those of [StrictMath], within 1 unit in the last place; where there is none, the
/// method tells how near the result is.
///
/// Reading a tensor from several threads is safe; changing it while others read it is not.
public final class Tensor {
  private final Storage storage;
  private final Layout layout;

  /// A contiguous tensor.
  Tensor(Storage storage, Shape shape) {
    this(storage, Layout.contiguous(shape));
  }

  private Tensor(Storage storage, Layout layout) {
    this.storage = storage;
    this.layout = layout;
  }

  // ---- creation -----------------------------------------------------------------------------------------------------

  /// A FLOAT32 tensor with a copy of `values` in row-major order; without `sizes`, of one axis.
  ///
  /// @throws ShapeException if the sizes do not multiply to the number of values
  public static Tensor of(float[] values, int... sizes) {
    return wrap(values.clone(), sizes);
  }

  /// A FLOAT64 tensor with a copy of `values`; see [#of(float\[\], int...)].
  public static Tensor of(double[] values, int... sizes) {
    return wrap(values.clone(), sizes);
  }

  /// An INT32 tensor with a copy of `values`; see [#of(float\[\], int...)].
  public static Tensor of(int[] values, int... sizes) {
    return wrap(values.clone(), sizes);
  }

  /// A BOOL tensor with a copy of `values`; see [#of(float\[\], int...)].
  public static Tensor of(boolean[] values, int... sizes) {
    return wrap(values.clone(), sizes);
  }

  /// A FLOAT32 tensor of shape `[rows, columns]` from equally long rows.
  ///
  /// @throws ShapeException if the rows differ in length
  public static Tensor of(float[][] rows) {
    return Creation.ofRows(rows);
  }

  /// A FLOAT64 tensor of shape `[rows, columns]`; see [#of(float\[\]\[\])].
  public static Tensor of(double[][] rows) {
    return Creation.ofRows(rows);
  }

  /// An INT32 tensor of shape `[rows, columns]`; see [#of(float\[\]\[\])].
  public static Tensor of(int[][] rows) {
    return Creation.ofRows(rows);
  }

  /// A BOOL tensor of shape `[rows, columns]`; see [#of(float\[\]\[\])].
  public static Tensor of(boolean[][] rows) {
    return Creation.ofRows(rows);
  }

  /// A FLOAT32 tensor of shape `[matrices, rows, columns]` from equally large matrices. For more axes, [#stack] such.
  ///
  /// @throws ShapeException if matrices differ in size, or rows in length
  public static Tensor of(float[][][] matrices) {
    return Creation.ofMatrices(matrices);
  }

  /// A FLOAT64 tensor of shape `[matrices, rows, columns]`; see [#of(float\[\]\[\]\[\])].
  public static Tensor of(double[][][] matrices) {
    return Creation.ofMatrices(matrices);
  }

  /// An INT32 tensor of shape `[matrices, rows, columns]`; see [#of(float\[\]\[\]\[\])].
  public static Tensor of(int[][][] matrices) {
    return Creation.ofMatrices(matrices);
  }

  /// A BOOL tensor of shape `[matrices, rows, columns]`; see [#of(float\[\]\[\]\[\])].
  public static Tensor of(boolean[][][] matrices) {
    return Creation.ofMatrices(matrices);
  }

  /// A FLOAT32 tensor that shares `values`: a change of one is a change of the other. Without `sizes`, of one axis.
  ///
  /// @throws ShapeException if the sizes do not multiply to the number of values
  public static Tensor wrap(float[] values, int... sizes) {
    return new Tensor(Storage.of(values).expose(), Creation.shape(values.length, sizes));
  }

  /// A FLOAT64 tensor that shares `values`; see [#wrap(float\[\], int...)].
  public static Tensor wrap(double[] values, int... sizes) {
    return new Tensor(Storage.of(values), Creation.shape(values.length, sizes));
  }

  /// An INT32 tensor that shares `values`; see [#wrap(float\[\], int...)].
  public static Tensor wrap(int[] values, int... sizes) {
    return new Tensor(Storage.of(values), Creation.shape(values.length, sizes));
  }

  /// A BOOL tensor that shares `values`; see [#wrap(float\[\], int...)].
  public static Tensor wrap(boolean[] values, int... sizes) {
    return new Tensor(Storage.of(values), Creation.shape(values.length, sizes));
  }

  /// A FLOAT32 tensor of shape `[]`.
  public static Tensor scalar(float value) {
    return new Tensor(Storage.of(new float[] {value}), Shape.of());
  }

  /// A FLOAT64 tensor of shape `[]`.
  public static Tensor scalar(double value) {
    return new Tensor(Storage.of(new double[] {value}), Shape.of());
  }

  /// An INT32 tensor of shape `[]`.
  public static Tensor scalar(int value) {
    return new Tensor(Storage.of(new int[] {value}), Shape.of());
  }

  /// A BOOL tensor of shape `[]`.
  public static Tensor scalar(boolean value) {
    return new Tensor(Storage.of(new boolean[] {value}), Shape.of());
  }

  /// Zeros (BOOL: false) of these sizes; none make a scalar. A new array.
  ///
  /// @throws ShapeException if a size is negative or there are 2^31 elements or more
  public static Tensor zeros(DType dtype, int... sizes) {
    return zeros(dtype, Shape.of("zeros", sizes));
  }

  /// Zeros (BOOL: false) of a shape. A new array.
  public static Tensor zeros(DType dtype, Shape shape) {
    return new Tensor(Storage.allocate(dtype, shape.elements()), shape);
  }

  /// Ones (BOOL: true) of these sizes; none make a scalar. A new array.
  ///
  /// @throws ShapeException if a size is negative or there are 2^31 elements or more
  public static Tensor ones(DType dtype, int... sizes) {
    return full(dtype, 1, Shape.of("ones", sizes));
  }

  /// Ones (BOOL: true) of a shape. A new array.
  public static Tensor ones(DType dtype, Shape shape) {
    return full(dtype, 1, shape);
  }

  /// `value` everywhere: FLOAT32 rounds it, BOOL takes whether it is not zero. A new array.
  ///
  /// @throws ShapeException if a size is negative or there are 2^31 elements or more
  /// @throws DTypeException if the dtype is INT32 and the value is not an integer of 32 bits
  public static Tensor full(DType dtype, double value, int... sizes) {
    return full(dtype, value, Shape.of("full", sizes));
  }

  /// `value` everywhere; see [#full(DType, double, int...)].
  public static Tensor full(DType dtype, double value, Shape shape) {
    return zeros(dtype).like("full", value).expand(shape).copy();
  }

  /// The INT32 numbers `0 .. n - 1`, shape `[n]`. A new array.
  ///
  /// @throws ShapeException if `n` is negative
  public static Tensor arange(int n) {
    return Creation.arange(n);
  }

  /// The identity matrix, shape `[n, n]`: ones (BOOL: true) on the diagonal. A new array.
  ///
  /// @throws ShapeException if `n` is negative or `n * n` is 2^31 or more
  public static Tensor eye(DType dtype, int n) {
    return Creation.eye(dtype, n);
  }

  /// Draws from the uniform distribution over `[low, high)`, FLOAT32 (which rounds the bounds) or FLOAT64, of these
  /// sizes. A new array; large ones are filled by several threads, with the same numbers.
  ///
  /// @throws IllegalArgumentException if the bounds or their distance are not finite, or `low > high`
  /// @throws DTypeException if the dtype is not floating
  public static Tensor uniform(Rng rng, DType dtype, double low, double high, int... sizes) {
    return Creation.uniform(rng, dtype, low, high, Shape.of("uniform", sizes));
  }

  /// Draws from the normal distribution, FLOAT32 or FLOAT64, of these sizes; see [#uniform].
  ///
  /// @throws IllegalArgumentException if the mean is not finite or the deviation is negative or not finite
  /// @throws DTypeException if the dtype is not floating
  public static Tensor normal(Rng rng, DType dtype, double mean, double deviation, int... sizes) {
    return Creation.normal(rng, dtype, mean, deviation, Shape.of("normal", sizes));
  }

  /// BOOL draws of these sizes that are true with probability `p`. A new array.
  ///
  /// @throws IllegalArgumentException if `p` is not in `[0, 1]`
  public static Tensor bernoulli(Rng rng, double p, int... sizes) {
    return Creation.bernoulli(rng, p, Shape.of("bernoulli", sizes));
  }

  /// INT32 draws of these sizes, uniform over `[0, bound)`. A new array.
  ///
  /// @throws IllegalArgumentException if the bound is not positive
  public static Tensor integers(Rng rng, int bound, int... sizes) {
    return Creation.integers(rng, bound, Shape.of("integers", sizes));
  }

  /// INT32 draws `[..]` of a category for each row of `weights`, `[.., categories]`, with probabilities in proportion.
  /// A new array; weights that are not contiguous are copied.
  ///
  /// @throws IllegalArgumentException naming the row, if weights are negative, infinite or NaN, or all zero
  /// @throws DTypeException if the weights are not floating
  public static Tensor categorical(Rng rng, Tensor weights) {
    return Creation.categorical(rng, weights);
  }

  /// The INT32 numbers `0 .. n - 1` in random order, shape `[n]`. A new array.
  ///
  /// @throws IllegalArgumentException if `n` is negative
  public static Tensor permutation(Rng rng, int n) {
    return wrap(rng.permutation(n));
  }

  // ---- what it is ---------------------------------------------------------------------------------------------------

  /// The type of the elements.
  public DType dtype() {
    return storage.dtype();
  }

  /// The sizes of the axes.
  public Shape shape() {
    return layout.shape();
  }

  /// The size of an axis.
  ///
  /// @throws ShapeException if there is no such axis
  public int size(int axis) {
    return layout.shape().size(axis);
  }

  /// The number of axes.
  public int rank() {
    return layout.shape().rank();
  }

  /// The number of elements.
  public int elements() {
    return layout.shape().elements();
  }

  /// How often the array behind this tensor was changed; equal for all its views, but not for another tensor that
  /// [#wrap(float\[\], int...)] made of the same array.
  public int version() {
    return storage.version();
  }

  /// Whether the elements lie in row-major order without gaps.
  public boolean isContiguous() {
    return layout.isContiguous();
  }

  /// Whether both are views of one array.
  public boolean sharesStorage(Tensor other) {
    return storage.array() == other.storage.array();
  }

  // ---- for the families of operations, and RawAccess ----------------------------------------------------------------

  Layout layout() {
    return layout;
  }

  Tensor view(Layout other) {
    return new Tensor(storage, other);
  }

  /// The array and its version, with no operation pending on it.
  Storage storage() {
    return storage.settled();
  }

  /// The array and its version, where operations may be pending.
  Storage rawStorage() {
    return storage;
  }

  /// The array of a FLOAT32 tensor, which the caller does not keep.
  float[] floats() {
    return storage().floats();
  }

  double[] doubles() {
    return storage.doubles();
  }

  int[] ints() {
    return storage.ints();
  }

  boolean[] booleans() {
    return storage.booleans();
  }

  int offset() {
    return layout.offset();
  }

  int stride(int axis) {
    return layout.strides()[shape().axis("stride", axis)];
  }

  void markChanged() {
    storage.changed();
  }

  // ---- reading elements ------------------------------------------------------------------------------------------

  /// The element at an index, one number per axis, none of them negative; true is 1. For single elements: operations
  /// on whole tensors are many times faster.
  ///
  /// @throws IndexOutOfBoundsException naming the index and the shape
  /// @throws ShapeException if there are more or fewer numbers than axes
  public double at(int... index) {
    return storage().number(layout.position(index));
  }

  /// The only element of a tensor that has one, whatever its rank; true is 1.
  ///
  /// @throws ShapeException if it has none or several
  public double item() {
    if (elements() != 1) {
      throw new ShapeException("item: " + shape() + " has " + elements() + " elements, not 1");
    }
    return storage().number(layout.offset());
  }

  /// A copy of the elements in row-major order.
  ///
  /// @throws DTypeException if this is not FLOAT32
  public float[] toFloats() {
    Elementwise.requireDType("toFloats", this, DType.FLOAT32);
    return copy().floats();
  }

  /// A copy of the elements of a matrix, row by row.
  ///
  /// @throws DTypeException if this is not FLOAT32
  /// @throws ShapeException if this is not a matrix
  public float[][] toFloatRows() {
    return Movement.slices("toFloatRows", this, 2).map(Tensor::toFloats).toArray(float[][]::new);
  }

  /// A copy of the elements of a matrix, row by row; FLOAT32 is widened.
  ///
  /// @throws DTypeException if this is not a floating dtype
  /// @throws ShapeException if this is not a matrix
  public double[][] toDoubleRows() {
    return Movement.slices("toDoubleRows", this, 2).map(Tensor::toDoubles).toArray(double[][]::new);
  }

  /// A copy of the elements of a matrix, row by row.
  ///
  /// @throws DTypeException if this is not INT32
  /// @throws ShapeException if this is not a matrix
  public int[][] toIntRows() {
    return Movement.slices("toIntRows", this, 2).map(Tensor::toInts).toArray(int[][]::new);
  }

  /// A copy of the elements of a matrix, row by row.
  ///
  /// @throws DTypeException if this is not BOOL
  /// @throws ShapeException if this is not a matrix
  public boolean[][] toBooleanRows() {
    return Movement.slices("toBooleanRows", this, 2).map(Tensor::toBooleans).toArray(boolean[][]::new);
  }

  /// A copy of the elements of a tensor of three axes, matrix by matrix, row by row.
  ///
  /// @throws DTypeException if this is not FLOAT32
  /// @throws ShapeException if there are more or fewer axes
  public float[][][] toFloatMatrices() {
    return Movement.slices("toFloatMatrices", this, 3).map(Tensor::toFloatRows).toArray(float[][][]::new);
  }

  /// As [#toFloatMatrices]; FLOAT32 is widened.
  ///
  /// @throws DTypeException if this is not a floating dtype
  /// @throws ShapeException if there are more or fewer axes than three
  public double[][][] toDoubleMatrices() {
    return Movement.slices("toDoubleMatrices", this, 3).map(Tensor::toDoubleRows).toArray(double[][][]::new);
  }

  /// As [#toFloatMatrices].
  ///
  /// @throws DTypeException if this is not INT32
  /// @throws ShapeException if there are more or fewer axes than three
  public int[][][] toIntMatrices() {
    return Movement.slices("toIntMatrices", this, 3).map(Tensor::toIntRows).toArray(int[][][]::new);
  }

  /// As [#toFloatMatrices].
  ///
  /// @throws DTypeException if this is not BOOL
  /// @throws ShapeException if there are more or fewer axes than three
  public boolean[][][] toBooleanMatrices() {
    return Movement.slices("toBooleanMatrices", this, 3).map(Tensor::toBooleanRows).toArray(boolean[][][]::new);
  }

  /// A copy of the elements in row-major order; FLOAT32 is widened.
  ///
  /// @throws DTypeException if this is not a floating dtype
  public double[] toDoubles() {
    Elementwise.requireFloating("toDoubles", this);
    return (dtype() == DType.FLOAT64 ? copy() : to(DType.FLOAT64)).doubles();
  }

  /// A copy of the elements in row-major order.
  ///
  /// @throws DTypeException if this is not INT32
  public int[] toInts() {
    Elementwise.requireDType("toInts", this, DType.INT32);
    return copy().ints();
  }

  /// A copy of the elements in row-major order.
  ///
  /// @throws DTypeException if this is not BOOL
  public boolean[] toBooleans() {
    Elementwise.requireDType("toBooleans", this, DType.BOOL);
    return copy().booleans();
  }

  // ---- copies -------------------------------------------------------------------------------------------------------

  /// A contiguous copy: of any view, in the row-major order of its elements.
  public Tensor copy() {
    return Elementwise.copy(this, zeros(dtype(), shape()));
  }

  /// This tensor if it is contiguous, else a contiguous copy. What it returns may therefore share the array: see
  /// [#copy].
  public Tensor contiguous() {
    return isContiguous() ? this : copy();
  }

  /// This tensor if it has that dtype, else a converted copy: FLOAT64 and INT32 to FLOAT32 round to nearest, floating
  /// to INT32 truncates as a Java cast does (NaN is 0, what is too large the limit), to BOOL is true where not zero
  /// (NaN is true), from BOOL is 1 and 0.
  public Tensor to(DType dtype) {
    return dtype == dtype() ? this : Elementwise.copy(this, zeros(dtype, shape()));
  }

  // ---- views --------------------------------------------------------------------------------------------------------

  /// The same elements in row-major order under another shape; one size may be -1 and is then worked out.
  ///
  /// A view if this is contiguous, or if every group of axes that is joined or cut up lies in the array as one axis
  /// would: of `[2, 3, 4]` sliced along its last axis the first two join, of `[2, 3]` expanded to `[5, 2, 3]` the last
  /// two. Else, as when transposed axes are joined, a copy; [#sharesStorage] tells.
  ///
  /// @throws ShapeException if the numbers of elements differ, or a -1 cannot be worked out
  public Tensor reshape(int... sizes) {
    Shape target = Movement.inferred(shape(), sizes);
    Layout moved = layout.reshape(target);
    return moved != null ? view(moved)
        : Elementwise.copy(this, RawAccess.ResultMemory.result(dtype(), shape())).reshape(sizes);
  }

  /// The same elements under another shape; see [#reshape(int...)].
  public Tensor reshape(Shape shape) {
    return reshape(shape.sizes());
  }

  /// A view with the last two axes exchanged.
  ///
  /// @throws ShapeException if there are fewer than two
  public Tensor transpose() {
    return transpose(-2, -1);
  }

  /// A view with two axes exchanged.
  ///
  /// @throws ShapeException if there is no such axis
  public Tensor transpose(int a, int b) {
    return view(layout.transpose(a, b));
  }

  /// A view whose axis `i` is this tensor's axis `order[i]`.
  ///
  /// @throws ShapeException if `order` does not name every axis once
  public Tensor permute(int... order) {
    return view(layout.permute(order));
  }

  /// A view without an axis, which must have size 1. There is no form that drops every such axis: at batch size 1 it
  /// would drop the batch as well.
  ///
  /// @throws ShapeException if the axis has another size
  public Tensor squeeze(int axis) {
    return view(layout.squeeze(axis));
  }

  /// A view with a new axis of size 1 at a place from 0 to the rank; -1 is behind the last axis.
  ///
  /// @throws ShapeException if there is no such place
  public Tensor unsqueeze(int axis) {
    return view(layout.unsqueeze(axis));
  }

  /// A view broadcast to a shape: axes of size 1, and new leading ones, repeat their elements with stride 0. It cannot
  /// be changed in place.
  ///
  /// @throws ShapeException if this does not broadcast to it
  public Tensor expand(Shape shape) {
    return shape.equals(shape()) ? this : view(layout.expand(shape));
  }

  /// A view broadcast to these sizes; see [#expand(Shape)].
  public Tensor expand(int... sizes) {
    return expand(Shape.of("expand", sizes));
  }

  /// A view of the elements `from` (inclusive) to `to` (exclusive) of an axis; none if they are equal. Both count from
  /// 0: the last `n` are `slice(axis, size - n, size)`.
  ///
  /// @throws ShapeException if they are not within the axis, or `from > to`
  public Tensor slice(int axis, int from, int to) {
    return slice(axis, from, to, 1);
  }

  /// A view of the elements `from, from + step, ..` below `to` of an axis, `(to - from) / step` of them, rounded up.
  /// Backwards: [#flip].
  ///
  /// @throws ShapeException if they are not within the axis, `from > to`, or `step` is not positive
  public Tensor slice(int axis, int from, int to, int step) {
    return view(layout.slice(axis, from, to, step));
  }

  /// A view of one index of an axis, without that axis; a negative index counts from the end.
  ///
  /// @throws ShapeException if there is no such axis or index
  public Tensor select(int axis, int index) {
    return view(layout.select(axis, index));
  }

  /// Views of `parts` equal parts along an axis.
  ///
  /// @throws ShapeException if `parts` does not divide the axis or is not positive; see [#chunk]
  public List<Tensor> split(int axis, int parts) {
    return Movement.split(this, axis, Movement.equalParts(shape(), axis, parts));
  }

  /// Views of parts of these sizes along an axis.
  ///
  /// @throws ShapeException if a size is negative, or they do not add up to that of the axis
  public List<Tensor> split(int axis, int[] sizes) {
    return Movement.split(this, axis, sizes);
  }

  /// Views of at most `chunks` parts along an axis, each but the last as long as the axis divided by it, rounded up: 10
  /// in 4 are 3, 3, 3, 1, and 6 in 4 are 2, 2, 2. An axis of size 0 is one part.
  ///
  /// @throws ShapeException if `chunks` is not positive
  public List<Tensor> chunk(int axis, int chunks) {
    return Movement.split(this, axis, Movement.chunkSizes(shape(), axis, chunks));
  }

  /// A view with an axis in reverse order.
  ///
  /// @throws ShapeException if there is no such axis
  public Tensor flip(int axis) {
    return view(layout.flip(axis));
  }

  /// A view of all windows of `size` elements that start every `step` elements of an axis: the axis counts the windows,
  /// a new last axis their elements: `[7]` in windows of 3 by steps of 2 is `[3, 3]`. Windows may overlap; what is left
  /// over at the end is in none.
  ///
  /// @throws ShapeException if `size` or `step` is not positive, or no window fits
  public Tensor unfold(int axis, int size, int step) {
    return view(layout.unfold(axis, size, step));
  }

  // ---- indexing -----------------------------------------------------------------------------------------------------

  /// Whole slices of an axis, looked up by INT32 indices of any shape, which replaces the axis: `[vocab, size]` by ids
  /// `[batch, time]` along axis 0 is `[batch, time, size]`. A copy; the indices are copied on the way.
  ///
  /// @throws IndexOutOfBoundsException naming the first bad index, its position and the bound; none is negative
  /// @throws DTypeException if the indices are not INT32
  public Tensor gather(Tensor indices, int axis) {
    return Indexing.gather(this, indices, axis);
  }

  /// Elements looked up along an axis, each by its own index: the result has the shape of `indices`, which equals this
  /// shape but along the axis. NumPy's `take_along_axis`. A copy; the indices are copied twice on the way.
  ///
  /// @throws IndexOutOfBoundsException naming the first bad index, its position and the bound; none is negative
  /// @throws ShapeException if the shapes differ along another axis
  /// @throws DTypeException if the indices are not INT32
  public Tensor takeAlong(Tensor indices, int axis) {
    return Indexing.takeAlong(this, indices, axis);
  }

  /// A copy to which slices are added: slice `indices[p]` of the axis receives `updates[p]`; repeated indices add up in
  /// order of position. The reverse of [#gather]: `updates` has the shape that `gather(indices, axis)` would return,
  /// and is copied if it is not contiguous.
  ///
  /// @throws IndexOutOfBoundsException naming the first bad index, its position and the bound; none is negative
  /// @throws ShapeException if `updates` has another shape
  /// @throws DTypeException if the dtypes differ or are BOOL, or the indices are not INT32
  public Tensor scatterAdd(Tensor indices, Tensor updates, int axis) {
    return Indexing.scatterAdd("scatterAdd", copy(), indices, updates, axis);
  }

  /// [#scatterAdd] into this tensor, which is returned; its cost is that of the slices alone. If it throws, nothing has
  /// changed.
  ///
  /// @throws IllegalStateException if elements of this view overlap, as after [#expand]
  public Tensor scatterAddInPlace(Tensor indices, Tensor updates, int axis) {
    return Indexing.scatterAdd("scatterAddInPlace", this, indices, updates, axis);
  }

  /// A copy to which elements are added along an axis, each at its own index, repeated ones in row-major order; the
  /// reverse of [#takeAlong]. Shapes, errors and cost as there; `updates` has the shape of `indices`, and this dtype,
  /// not BOOL.
  public Tensor scatterAddAlong(Tensor indices, Tensor updates, int axis) {
    return Indexing.scatterAddAlong("scatterAddAlong", copy(), indices, updates, axis);
  }

  /// [#scatterAddAlong] into this tensor, which is returned; if it throws, nothing has changed.
  ///
  /// @throws IllegalStateException if elements of this view overlap, as after [#expand]
  public Tensor scatterAddAlongInPlace(Tensor indices, Tensor updates, int axis) {
    return Indexing.scatterAddAlong("scatterAddAlongInPlace", this, indices, updates, axis);
  }

  /// The elements where a BOOL mask of the same shape is true, in row-major order, shape `[count]`. A copy; views that
  /// are not contiguous are copied first.
  ///
  /// @throws ShapeException if the mask has another shape
  /// @throws DTypeException if it is not BOOL
  public Tensor maskedSelect(Tensor mask) {
    return Indexing.maskedSelect(this, mask);
  }

  /// `a` where the condition (BOOL) is true, else `b`; all three broadcast. A new tensor of that shape.
  ///
  /// @throws ShapeException if the shapes do not broadcast
  /// @throws DTypeException if the condition is not BOOL, or the dtypes of `a` and `b` differ
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Elementwise.where(condition, a, b);
  }

  /// The largest elements and where they were.
  ///
  /// @param values in descending order, equal ones in order of index
  /// @param indices INT32, of the same shape
  public record TopK(Tensor values, Tensor indices) {}

  /// The `k` largest elements along the last axis, in descending order, shape `[.., k]`; NaN counts as largest, and of
  /// equal elements (0 and -0 are) the first comes first. Copies; a view that is not contiguous is copied first.
  ///
  /// @throws ShapeException if the axis has fewer than `k`, or there is none
  /// @throws DTypeException if this is BOOL
  public TopK topK(int k) {
    return topK(k, true);
  }

  /// The `k` largest or smallest elements along the last axis, the largest or smallest first, NaN being above all. Else
  /// as for [#topK(int)].
  public TopK topK(int k, boolean largest) {
    return Indexing.topK(this, k, largest);
  }

  /// The elements along an axis in ascending order, NaN last. A new tensor.
  ///
  /// @throws ShapeException if there is no such axis
  /// @throws DTypeException if this is BOOL
  public Tensor sort(int axis) {
    return takeAlong(argsort(axis), axis);
  }

  /// INT32: where along an axis the elements of [#sort] are; equal ones in their order.
  public Tensor argsort(int axis) {
    int n = size(shape().axis("argsort", axis));
    return transpose(axis, -1).topK(n, false).indices().transpose(axis, -1).contiguous();
  }

  /// The tensors one after another along an axis. A copy.
  ///
  /// @throws ShapeException if there are none, or other sizes differ, naming the tensor
  /// @throws DTypeException if the dtypes differ
  public static Tensor concat(int axis, List<Tensor> tensors) {
    return Movement.concat("concat", axis, tensors);
  }

  /// Tensors of one shape side by side along a new axis, at a place as in [#unsqueeze]. A copy.
  ///
  /// @throws ShapeException if there are none, or the shapes differ, naming the tensor
  /// @throws DTypeException if the dtypes differ
  public static Tensor stack(int axis, List<Tensor> tensors) {
    return Movement.stack(axis, tensors);
  }

  /// A copy with `before` and `after` elements of that value, rounded as in [#fill], around an axis.
  ///
  /// @throws ShapeException if they are negative or the axis would be too long
  /// @throws DTypeException if this is INT32 and the value is not an integer
  public Tensor pad(int axis, int before, int after, double value) {
    return Movement.pad(this, axis, before, after, value);
  }

  // ---- arithmetic ---------------------------------------------------------------------------------------------------

  /// `this + other`. Shapes broadcast by NumPy's rule: aligned at the last axis, sizes must be equal or 1. A new tensor
  /// of the broadcast shape; nothing else is allocated, however operands are strided or repeated.
  ///
  /// @throws ShapeException if the shapes do not broadcast
  /// @throws DTypeException if the dtypes differ, or are BOOL
  public Tensor plus(Tensor other) {
    return Elementwise.binary(Binary.PLUS, this, other);
  }

  /// `this + value`, which is rounded to this dtype. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is BOOL, or INT32 and the value is not an integer
  public Tensor plus(double value) {
    return plus(like("plus", value));
  }

  /// `this - other`. Shapes, errors and cost as for [#plus(Tensor)].
  public Tensor minus(Tensor other) {
    return Elementwise.binary(Binary.MINUS, this, other);
  }

  /// `this - value`. As for [#plus(double)].
  public Tensor minus(double value) {
    return minus(like("minus", value));
  }

  /// `this * other`, element by element. Shapes, errors and cost as for [#plus(Tensor)].
  public Tensor times(Tensor other) {
    return Elementwise.binary(Binary.TIMES, this, other);
  }

  /// `this * value`. As for [#plus(double)].
  public Tensor times(double value) {
    return times(like("times", value));
  }

  /// `this / other`; INT32 truncates. Shapes, errors and cost as for [#plus(Tensor)].
  ///
  /// @throws ArithmeticException if an INT32 divisor is 0, naming the first one's index in the result
  public Tensor divide(Tensor other) {
    return Elementwise.binary(Binary.DIVIDE, this, other);
  }

  /// `this / value`. As for [#plus(double)].
  public Tensor divide(double value) {
    return divide(like("divide", value));
  }

  /// `this` to the power of `other`, with the special cases of [Math#pow]; FLOAT32 within 0.5001 units in the last
  /// place, FLOAT64 by [StrictMath#pow]. Shapes, errors and cost as for [#plus(Tensor)], but for floating dtypes alone.
  public Tensor pow(Tensor other) {
    return Elementwise.binary(Binary.POW, this, other);
  }

  /// `this` to the power of `exponent`. As for [#pow(Tensor)].
  public Tensor pow(double exponent) {
    Elementwise.requireFloating("pow", this);
    return pow(like("pow", exponent));
  }

  /// The smaller of each pair; NaN if either is, and -0 is below 0. Shapes, errors and cost as for [#plus(Tensor)]. By
  /// a number: [#clamp].
  public Tensor minimum(Tensor other) {
    return Elementwise.binary(Binary.MINIMUM, this, other);
  }

  /// The larger of each pair; NaN if either is, and 0 is above -0. Shapes, errors and cost as for [#plus(Tensor)]. By a
  /// number: [#clamp].
  public Tensor maximum(Tensor other) {
    return Elementwise.binary(Binary.MAXIMUM, this, other);
  }

  /// Each element moved into `[low, high]`, of which one may be infinite (not for INT32); NaN stays. A new tensor of
  /// this shape.
  ///
  /// @throws IllegalArgumentException if `low > high` or one is NaN
  /// @throws DTypeException if this is BOOL, or INT32 and a bound is not an integer
  public Tensor clamp(double low, double high) {
    return Elementwise.clamp(this, low, high);
  }

  /// `-this`; INT32 wraps around. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is BOOL
  public Tensor negate() {
    return Elementwise.unary(Unary.NEGATE, this);
  }

  /// `1 / this`. As for [#exp].
  public Tensor reciprocal() {
    return Elementwise.unary(Unary.RECIPROCAL, this);
  }

  /// `this * this`. As for [#negate].
  public Tensor square() {
    return Elementwise.unary(Unary.SQUARE, this);
  }

  /// The absolute value. As for [#negate].
  public Tensor abs() {
    return Elementwise.unary(Unary.ABS, this);
  }

  /// -1, 0 or 1 by sign; zeros keep theirs, NaN stays. As for [#negate].
  public Tensor sign() {
    return Elementwise.unary(Unary.SIGN, this);
  }

  /// The natural exponential; FLOAT32 within 1 unit in the last place. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is not of a floating dtype
  public Tensor exp() {
    return Elementwise.unary(Unary.EXP, this);
  }

  /// `exp(x) - 1`, accurate near zero; FLOAT32 within 1.5 units in the last place. As for [#exp].
  public Tensor expm1() {
    return Elementwise.unary(Unary.EXPM1, this);
  }

  /// The natural logarithm, NaN below zero, negative infinity at zero; FLOAT32 within 2 units in the last place. As for
  /// [#exp].
  public Tensor log() {
    return Elementwise.unary(Unary.LOG, this);
  }

  /// `log(1 + x)`, accurate near zero; FLOAT32 within 2.5 units in the last place. As for [#exp].
  public Tensor log1p() {
    return Elementwise.unary(Unary.LOG1P, this);
  }

  /// The square root, NaN below zero. As for [#exp].
  public Tensor sqrt() {
    return Elementwise.unary(Unary.SQRT, this);
  }

  /// The hyperbolic tangent; FLOAT32 within 2.5 units in the last place. As for [#exp].
  public Tensor tanh() {
    return Elementwise.unary(Unary.TANH, this);
  }

  /// The logistic function `1 / (1 + exp(-x))`; FLOAT32 and FLOAT64 within 2.5 units in the last place. As for [#exp].
  public Tensor sigmoid() {
    return Elementwise.unary(Unary.SIGMOID, this);
  }

  /// `log(1 + exp(x))`, without overflow; FLOAT32 and FLOAT64 within 2.5 units in the last place. As for [#exp].
  public Tensor softplus() {
    return Elementwise.unary(Unary.SOFTPLUS, this);
  }

  /// The sine of an angle in radians; FLOAT32 is the float next to it. As for [#exp].
  public Tensor sin() {
    return Elementwise.unary(Unary.SIN, this);
  }

  /// The cosine of an angle in radians; FLOAT32 is the float next to it. As for [#exp].
  public Tensor cos() {
    return Elementwise.unary(Unary.COS, this);
  }

  /// The greatest whole number that is not above. As for [#exp].
  public Tensor floor() {
    return Elementwise.unary(Unary.FLOOR, this);
  }

  /// The nearest whole number, of two the even one: 2.5 becomes 2. As for [#exp].
  public Tensor round() {
    return Elementwise.unary(Unary.ROUND, this);
  }

  /// `max(x, 0)`; NaN stays. As for [#negate].
  public Tensor relu() {
    return Elementwise.unary(Unary.RELU, this);
  }

  /// `x * (1 + erf(x / sqrt(2))) / 2`, the exact form (Hendrycks and Gimpel 2016); FLOAT32 within 6 units in the last
  /// place, FLOAT64 within 1e-14. As for [#exp].
  public Tensor gelu() {
    return Elementwise.unary(Unary.GELU, this);
  }

  /// The error function; FLOAT32 within 1.5 units in the last place, FLOAT64 within 2e-15. As for [#exp].
  public Tensor erf() {
    return Elementwise.unary(Unary.ERF, this);
  }

  // ---- comparison and logic -----------------------------------------------------------------------------------------

  /// BOOL: where the elements are equal (NaN never is, -0 equals 0). A new tensor of the broadcast shape.
  ///
  /// @throws ShapeException if the shapes do not broadcast
  /// @throws DTypeException if the dtypes differ
  public Tensor equalTo(Tensor other) {
    return Elementwise.compare("equalTo", Comparison.EQUAL, this, other);
  }

  /// BOOL: where the elements equal a value. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is INT32 and the value is not an integer
  public Tensor equalTo(double value) {
    return equalTo(like("equalTo", value));
  }

  /// BOOL: `this < other`. Shapes, errors and cost as for [#equalTo(Tensor)], but not for BOOL.
  public Tensor less(Tensor other) {
    return Elementwise.compare("less", Comparison.LESS, this, other);
  }

  /// BOOL: `this < value`. As for [#equalTo(double)], but not for BOOL.
  public Tensor less(double value) {
    return less(like("less", value));
  }

  /// BOOL: `this <= other`. Shapes, errors and cost as for [#equalTo(Tensor)], but not for BOOL.
  public Tensor lessOrEqual(Tensor other) {
    return Elementwise.compare("lessOrEqual", Comparison.LESS_OR_EQUAL, this, other);
  }

  /// BOOL: `this <= value`. As for [#equalTo(double)], but not for BOOL.
  public Tensor lessOrEqual(double value) {
    return lessOrEqual(like("lessOrEqual", value));
  }

  /// BOOL: `this > other`. Shapes, errors and cost as for [#equalTo(Tensor)], but not for BOOL.
  public Tensor greater(Tensor other) {
    return Elementwise.compare("greater", Comparison.GREATER, this, other);
  }

  /// BOOL: `this > value`. As for [#equalTo(double)], but not for BOOL.
  public Tensor greater(double value) {
    return greater(like("greater", value));
  }

  /// BOOL: `this >= other`. Shapes, errors and cost as for [#equalTo(Tensor)], but not for BOOL.
  public Tensor greaterOrEqual(Tensor other) {
    return Elementwise.compare("greaterOrEqual", Comparison.GREATER_OR_EQUAL, this, other);
  }

  /// BOOL: `this >= value`. As for [#equalTo(double)], but not for BOOL.
  public Tensor greaterOrEqual(double value) {
    return greaterOrEqual(like("greaterOrEqual", value));
  }

  /// BOOL: both true. A new tensor of the broadcast shape.
  ///
  /// @throws ShapeException if the shapes do not broadcast
  /// @throws DTypeException if one is not BOOL
  public Tensor and(Tensor other) {
    Elementwise.requireTruths("and", this, other);
    return where(this, other, scalar(false));
  }

  /// BOOL: at least one true. As for [#and].
  public Tensor or(Tensor other) {
    Elementwise.requireTruths("or", this, other);
    return where(this, scalar(true), other);
  }

  /// BOOL: one of them true. As for [#and].
  public Tensor xor(Tensor other) {
    Elementwise.requireTruths("xor", this, other);
    return equalTo(other).not();
  }

  /// BOOL: true where this is false. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is not BOOL
  public Tensor not() {
    Elementwise.requireDType("not", this, DType.BOOL);
    return equalTo(zeros(DType.BOOL));
  }

  /// BOOL: where the elements are NaN. A new tensor of this shape.
  ///
  /// @throws DTypeException if this is not of a floating dtype
  public Tensor isNaN() {
    Elementwise.requireFloating("isNaN", this);
    return Elementwise.compare("isNaN", Comparison.NOT_EQUAL, this, this);
  }

  /// BOOL: where the elements are neither NaN nor infinite. As for [#isNaN].
  public Tensor isFinite() {
    Elementwise.requireFloating("isFinite", this);
    return Elementwise.compare("isFinite", Comparison.CLOSER_TO_ZERO, this, like("isFinite", Double.POSITIVE_INFINITY));
  }

  // ---- reductions: over the axes named, or over all where none is
  // ------------------------------------------------------

  /// The sum over axes, which disappear; with none named, over all, which leaves shape `[]`. Floats are added up in
  /// double and rounded once: where terms do not cancel, the result is the float next to the exact sum, or the one
  /// beside it if that lies halfway. Its bits depend neither on threads nor on strides. INT32 wraps around. A new
  /// tensor; a view whose reduced axes do not run into one another is copied on the way, as in every reduction.
  ///
  /// @throws ShapeException if there is no such axis, or one is named twice
  /// @throws DTypeException if this is BOOL
  public Tensor sum(int... axes) {
    return Reductions.dropping(Reductions.sum(this, axes), this, axes);
  }

  /// The sum over axes, which stay with size 1. As for [#sum].
  public Tensor sumKeepDims(int... axes) {
    return Reductions.sum(this, axes);
  }

  /// The mean over axes; NaN over no elements. Floating dtypes; else as for [#sum].
  public Tensor mean(int... axes) {
    return Reductions.dropping(meanKeepDims(axes), this, axes);
  }

  /// The mean over axes, which stay with size 1. As for [#mean].
  public Tensor meanKeepDims(int... axes) {
    return Reductions.of(Sums.MEAN, this, axes);
  }

  /// The variance over axes: the mean squared distance from the mean (divided by n, not n - 1). As for [#mean].
  public Tensor variance(int... axes) {
    return Reductions.dropping(varianceKeepDims(axes), this, axes);
  }

  /// The variance over axes, which stay with size 1. As for [#variance].
  public Tensor varianceKeepDims(int... axes) {
    return Reductions.of(Sums.VARIANCE, this, axes);
  }

  /// The variance over axes, divided by n - 1, as PyTorch's `var` does; NaN over one element. As for [#mean].
  public Tensor unbiasedVariance(int... axes) {
    Tensor variance = variance(axes);
    double n = (double) elements() / variance.elements();
    return variance.times(n / (n - 1));
  }

  /// The standard deviation over axes, the root of [#variance] (divided by n). As for [#mean].
  public Tensor std(int... axes) {
    return variance(axes).sqrt();
  }

  /// The largest element over axes, which disappear; NaN if there is one, and 0 is above -0. A new tensor.
  ///
  /// @throws ShapeException if there is no element, no such axis, or one is named twice
  /// @throws DTypeException if this is BOOL
  public Tensor max(int... axes) {
    return Reductions.dropping(maxKeepDims(axes), this, axes);
  }

  /// The largest element over axes, which stay with size 1. As for [#max].
  public Tensor maxKeepDims(int... axes) {
    return Reductions.extreme(this, true, axes);
  }

  /// The smallest element over axes; NaN if there is one, and -0 is below 0. As for [#max].
  public Tensor min(int... axes) {
    return Reductions.dropping(minKeepDims(axes), this, axes);
  }

  /// The smallest element over axes, which stay with size 1. As for [#max].
  public Tensor minKeepDims(int... axes) {
    return Reductions.extreme(this, false, axes);
  }

  /// INT32: where along an axis, which disappears, the largest element is: the first of equal ones; the first NaN if
  /// there is one. Of BOOL elements true is the largest. A new tensor.
  ///
  /// @throws ShapeException if the axis has no element, or there is no such axis
  public Tensor argmax(int axis) {
    return Reductions.argExtreme(this, axis, true);
  }

  /// INT32: where along an axis the smallest element is. As for [#argmax].
  public Tensor argmin(int axis) {
    return Reductions.argExtreme(this, axis, false);
  }

  /// BOOL: whether any element over axes is true; false over none. A new tensor.
  ///
  /// @throws ShapeException if there is no such axis, or one is named twice
  /// @throws DTypeException if this is not BOOL
  public Tensor any(int... axes) {
    return Reductions.dropping(anyKeepDims(axes), this, axes);
  }

  /// BOOL: [#any] over axes, which stay with size 1.
  public Tensor anyKeepDims(int... axes) {
    return Reductions.any(this, true, axes);
  }

  /// BOOL: whether all elements over axes are true; true over none. As for [#any].
  public Tensor all(int... axes) {
    return Reductions.dropping(allKeepDims(axes), this, axes);
  }

  /// BOOL: [#all] over axes, which stay with size 1.
  public Tensor allKeepDims(int... axes) {
    return Reductions.any(this, false, axes);
  }

  /// The Euclidean norm over axes: the square root of the sum of squares, which may be out of the range of the dtype.
  /// As for [#mean].
  public Tensor norm(int... axes) {
    return Reductions.dropping(normKeepDims(axes), this, axes);
  }

  /// The Euclidean norm over axes, which stay with size 1. As for [#norm].
  public Tensor normKeepDims(int... axes) {
    return Reductions.of(Sums.NORM, this, axes);
  }

  /// The sum of the squares of all elements, as a double: added as in [#sum]. Squares of FLOAT64 elements may be out of
  /// the range of a double, where [#norm] is still right.
  ///
  /// @throws DTypeException if this is not of a floating dtype
  public double sumOfSquares() {
    return Reductions.sumOfSquares(this);
  }

  /// `log(sum(exp(x)))` over axes, which disappear, without overflow; negative infinity where all elements are. A new
  /// tensor.
  ///
  /// @throws ShapeException if there is no element, no such axis, or one is named twice
  /// @throws DTypeException if this is not of a floating dtype
  public Tensor logSumExp(int... axes) {
    return Reductions.dropping(logSumExpKeepDims(axes), this, axes);
  }

  /// [#logSumExp] over axes, which stay with size 1.
  public Tensor logSumExpKeepDims(int... axes) {
    return Reductions.logSumExp(this, axes);
  }

  /// `exp(x) / sum(exp(x))` along an axis, without overflow; NaN all along it where an element is NaN or the largest is
  /// infinite. A new tensor of this shape; the last axis is the fastest.
  ///
  /// @throws ShapeException if there is no such axis
  /// @throws DTypeException if this is not of a floating dtype
  public Tensor softmax(int axis) {
    return Softmax.softmax(this, axis);
  }

  /// The logarithm of [#softmax], computed without it, so that small ones keep their digits. As there.
  public Tensor logSoftmax(int axis) {
    return Softmax.logSoftmax(this, axis);
  }

  /// Sums along an axis of all elements up to and including each; floats are added in double, INT32 wraps around. A new
  /// tensor of this shape.
  ///
  /// @throws ShapeException if there is no such axis
  /// @throws DTypeException if this is BOOL
  public Tensor cumsum(int axis) {
    return Reductions.cumsum(this, axis);
  }

  /// Sums along an axis of all elements from each, inclusive, to the end: [#cumsum] from behind. What it returns is the
  /// flipped view of a new tensor. Errors as there.
  public Tensor cumsumReverse(int axis) {
    return Reductions.cumsumReverse(this, axis);
  }

  // ---- products -----------------------------------------------------------------------------------------------------

  /// The matrix product `[.., n, k] by [.., k, m] -> [.., n, m]`; leading axes broadcast. A vector on the left is a
  /// row, on the right a column, and its axis disappears. Every element is one chain of fused multiply-adds along k. A
  /// new tensor. Operands of any strides, such as transposed ones, are multiplied where they lie; only a left operand
  /// of several leading axes that do not run into one another is copied, where the right one is a matrix.
  ///
  /// @throws ShapeException if the inner sizes differ, or leading axes do not broadcast
  /// @throws DTypeException if the dtypes differ or are not floating
  public Tensor matmul(Tensor other) {
    return Products.matmul(this, other);
  }

  /// [#matmul(Tensor)] by a packed matrix, `[.., k] by [k, m] -> [.., m]`; the same bits.
  ///
  /// @throws ShapeException if the inner sizes differ
  /// @throws DTypeException if this is not FLOAT32
  public Tensor matmul(PackedMatrix other) {
    return other.multiply(this);
  }

  /// The sum of products of two vectors, shape `[]`: one chain as in [#matmul(Tensor)], 0 for no elements. A new
  /// tensor.
  ///
  /// @throws ShapeException if they are not two vectors of one length
  /// @throws DTypeException if the dtypes differ or are not floating
  public Tensor dot(Tensor other) {
    return Products.dot(this, other);
  }

  /// All products of two vectors: `[n] by [m] -> [n, m]`. A new tensor.
  ///
  /// @throws ShapeException if they are not vectors
  /// @throws DTypeException if the dtypes differ, or are BOOL
  public Tensor outer(Tensor other) {
    return Products.outer(this, other);
  }

  // ---- changes in place ---------------------------------------------------------------------------------------------

  /// Adds `other`, broadcast to this shape, to this tensor, which is returned. Nothing is allocated, unless `other` is
  /// another view of the same array, which is copied first.
  ///
  /// @throws ShapeException if `other` does not broadcast to this shape
  /// @throws DTypeException if the dtypes differ, or are BOOL
  /// @throws IllegalStateException if elements of this view overlap, as after [#expand]
  public Tensor plusInPlace(Tensor other) {
    return Elementwise.inPlace("plusInPlace", Binary.PLUS, this, other);
  }

  /// Subtracts in place; see [#plusInPlace].
  public Tensor minusInPlace(Tensor other) {
    return Elementwise.inPlace("minusInPlace", Binary.MINUS, this, other);
  }

  /// Multiplies in place; see [#plusInPlace].
  public Tensor timesInPlace(Tensor other) {
    return Elementwise.inPlace("timesInPlace", Binary.TIMES, this, other);
  }

  /// Multiplies by a number in place; see [#plusInPlace].
  public Tensor timesInPlace(double value) {
    return timesInPlace(like("timesInPlace", value));
  }

  /// Divides in place; see [#plusInPlace].
  ///
  /// @throws ArithmeticException if an INT32 divisor is 0
  public Tensor divideInPlace(Tensor other) {
    return Elementwise.inPlace("divideInPlace", Binary.DIVIDE, this, other);
  }

  /// Takes over the elements of `other`, broadcast to this shape, also BOOL; else as for [#plusInPlace].
  public Tensor assign(Tensor other) {
    return Elementwise.assign("assign", this, other);
  }

  /// Sets every element to a value, which FLOAT32 rounds, BOOL to whether it is not zero; returns this tensor.
  ///
  /// @throws DTypeException if this is INT32 and the value is not an integer of 32 bits
  /// @throws IllegalStateException if elements of this view overlap, as after [#expand]
  public Tensor fill(double value) {
    return Elementwise.assign("fill", this, like("fill", value));
  }

  // ---- comparing and printing ---------------------------------------------------------------------------------------

  /// Whether dtype and shape agree, and all elements within `|a - b| <= absolute + relative * |b|` (`b` is the other),
  /// NaN with NaN, an infinity with itself; never throws for shapes. [#describeDifference] tells where not.
  ///
  /// @throws IllegalArgumentException if a tolerance is negative or NaN
  public boolean allClose(Tensor other, double relative, double absolute) {
    return AllClose.of(this, other, relative, absolute).isClose();
  }

  /// The element where two tensors are farthest apart in terms of the tolerance of [#allClose], in words for a message:
  /// how many differ, the index, both values, their difference and the tolerance; or how dtypes or shapes differ.
  ///
  /// @throws IllegalArgumentException if a tolerance is negative or NaN
  public String describeDifference(Tensor other, double relative, double absolute) {
    return AllClose.of(this, other, relative, absolute).toString();
  }

  /// Whether dtype, shape and all elements are equal; NaN equals NaN, and 0 does not equal -0, as in [Double#equals].
  /// Views that are not contiguous are copied. Elements for which `==` holds: [#equalTo(Tensor)].
  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof Tensor t && AllClose.equal(this, t);
  }

  /// Of shape and elements: it changes when they do.
  @Override
  public int hashCode() {
    return AllClose.hash(this);
  }

  /// The elements in nested brackets, aligned, abbreviated when there are more than 1,000; floating ones with the
  /// digits that tell them apart, at most 4 behind the point, and with an exponent where they are very large, very
  /// small, or far apart. Without elements, dtype and shape.
  @Override
  public String toString() {
    return TensorFormat.format(this);
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  /// A number of this dtype, shape `[]`.
  Tensor like(String operation, double value) {
    if (dtype() == DType.INT32 && value != (int) value) {
      throw new DTypeException(operation + ": " + value + " is not an INT32 value");
    }
    Tensor result = zeros(dtype());
    result.storage.set(0, value);
    return result;
  }

}

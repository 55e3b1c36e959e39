/// Numbers in shapes: strided views over Java arrays, and operations on them that do not know of gradients.
///
/// Begin with [Tensor]: it makes tensors, and every operation is a method of it.
///
/// ```java
/// Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
/// x.matmul(x.transpose()).sum(1)   // ==> [ 46.0, 109.0]
/// Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 4, 5).shape()   // ==> [4, 5]
/// ```
///
/// - [DType] and [Shape] say what a tensor holds. What does not fit is a [DTypeException] or a [ShapeException] that
///   names the operation and the sizes; nothing is converted silently.
/// - [Rng] is where all randomness comes from: the same seed gives the same bits.
/// - [Threads] sets how many threads compute, and tells which kernels are in use.
/// - [Accumulator], [PackedMatrix] and [RawAccess] are for authors of fused operations; programs need none of them.
package dev.rewind.tensor;

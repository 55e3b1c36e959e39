/// The loops on plain arrays that tensors are made of; not for users. [Kernels] chooses a provider once. Each family
/// has a scalar class that defines the bits and is there to be read, and a vector class that extends it and is there to
/// be fast:
///
/// | package | what it computes | to be read |
/// |---|---|---|
/// | `elementwise` | functions element by element | [dev.rewind.tensor.kernel.elementwise.MapKernels] |
/// | `product` | products of matrices | [dev.rewind.tensor.kernel.product.MatrixKernels] |
/// | `reduction` | sums, maxima, softmax of rows | [dev.rewind.tensor.kernel.reduction.ReductionKernels] |
/// | `recurrent` | the gates of a step of an LSTM or GRU | [dev.rewind.tensor.kernel.recurrent.RecurrentKernels] |
/// | `random` | random words and numbers | `Philox` |
/// | `thread` | shares work out to threads | [dev.rewind.tensor.kernel.thread.ThreadPool] |
package dev.rewind.tensor.kernel;

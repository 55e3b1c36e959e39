/// Strided tensors over Java arrays, with kernels written for the Vector API.
module rewind.tensor {
  requires jdk.incubator.vector;

  exports dev.rewind.tensor;
  exports dev.rewind.tensor.kernel to rewind.nn;
  exports dev.rewind.tensor.kernel.elementwise to rewind.nn;
  exports dev.rewind.tensor.kernel.product to rewind.nn;
  exports dev.rewind.tensor.kernel.recurrent to rewind.nn;
  exports dev.rewind.tensor.kernel.reduction to rewind.nn;
  exports dev.rewind.tensor.kernel.thread to rewind.nn;
}

/// Strided tensors over Java arrays, with kernels written for the Vector API.
module rewind.tensor {
  requires jdk.incubator.vector;

  exports dev.rewind.tensor;
  exports dev.rewind.tensor.kernel to rewind.nn;
}

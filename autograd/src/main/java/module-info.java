/// Reverse-mode automatic differentiation: a tape of variables over tensors, gradients as values, gradient checks.
module rewind.autograd {
  requires transitive rewind.tensor;

  exports dev.rewind.autograd;
  exports dev.rewind.autograd.check;
}

package dev.rewind.tensor.kernel.elementwise;

/// The vector twins of [MapKernels], which does what is left after whole vectors.
public final class VectorMaps extends MapKernels {
  @Override
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    int done = VectorLoops.affine(x, xo, factor, shift, y, yo, n);
    super.affine(x, xo + done, factor, shift, y, yo + done, n - done);
  }

  @Override
  public void fma(float[] a, int ao, float[] b, int bo, float[] c, int co, float[] y, int yo, int n) {
    int done = VectorLoops.fma(a, ao, b, bo, c, co, y, yo, n);
    super.fma(a, ao + done, b, bo + done, c, co + done, y, yo + done, n - done);
  }

  @Override
  public void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    int done = op.vectors.run(x, xo, y, yo, n);
    super.unary(op, x, xo + done, y, yo + done, n - done);
  }

  @Override
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = op.vectors.run(a, ao, b, bo, y, yo, n);
    super.binary(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = switch (op) {
      case TIMES -> VectorLoops.addTimes(a, ao, b, bo, y, yo, n);
      case TANH_BACKWARD -> VectorLoops.addTanhBackward(a, ao, b, bo, y, yo, n);
      case SIGMOID_BACKWARD -> VectorLoops.addSigmoidBackward(a, ao, b, bo, y, yo, n);
      default -> 0;
    };
    super.accumulate(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int done = VectorLoops.compare(op, a, ao, b, bo, y, yo, n);
    super.compare(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = VectorLoops.where(c, co, a, ao, b, bo, y, yo, n);
    super.where(c, co + done, a, ao + done, b, bo + done, y, yo + done, n - done);
  }
}

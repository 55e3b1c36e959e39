package dev.rewind.tensor.kernel.elementwise;

/// The vector twins of [ScalarMaps], a loop for each function: one that took the function as an argument would not be
/// compiled for any.
public final class VectorMaps implements MapKernels {
  @Override
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    VectorArithmetic.affine(x, xo, factor, shift, y, yo, n);
  }

  @Override
  public void erf(float[] x, int xo, float[] y, int yo, int n) {
    VectorErrorFunctions.erf(x, xo, y, yo, n);
  }

  @Override
  public void exp(float[] x, int xo, float[] y, int yo, int n) {
    VectorExponentials.exp(x, xo, y, yo, n);
  }

  @Override
  public void expm1(float[] x, int xo, float[] y, int yo, int n) {
    VectorExponentials.expm1(x, xo, y, yo, n);
  }

  @Override
  public void gelu(float[] x, int xo, float[] y, int yo, int n) {
    VectorErrorFunctions.gelu(x, xo, y, yo, n);
  }

  @Override
  public void log(float[] x, int xo, float[] y, int yo, int n) {
    VectorLogarithms.log(x, xo, y, yo, n);
  }

  @Override
  public void log1p(float[] x, int xo, float[] y, int yo, int n) {
    VectorLogarithms.log1p(x, xo, y, yo, n);
  }

  @Override
  public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    VectorExponentials.sigmoid(x, xo, y, yo, n);
  }

  @Override
  public void softplus(float[] x, int xo, float[] y, int yo, int n) {
    VectorLogarithms.softplus(x, xo, y, yo, n);
  }

  @Override
  public void tanh(float[] x, int xo, float[] y, int yo, int n) {
    VectorExponentials.tanh(x, xo, y, yo, n);
  }

  @Override
  public void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    int done = VectorLoops.unary(op, x, xo, y, yo, n);
    FloatLoops.unary(this, op, x, xo + done, y, yo + done, n - done);
  }

  @Override
  public void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    VectorLoops.where(c, co, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int done = VectorLoops.compare(op, a, ao, b, bo, y, yo, n);
    FloatLoops.compare(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (op) {
      case PLUS -> VectorArithmetic.plus(a, ao, b, bo, y, yo, n);
      case MINUS -> VectorArithmetic.minus(a, ao, b, bo, y, yo, n);
      case TIMES -> VectorArithmetic.times(a, ao, b, bo, y, yo, n);
      case DIVIDE -> VectorArithmetic.divide(a, ao, b, bo, y, yo, n);
      case TANH_BACKWARD -> VectorArithmetic.tanhBackward(a, ao, b, bo, y, yo, n);
      case SIGMOID_BACKWARD -> VectorArithmetic.sigmoidBackward(a, ao, b, bo, y, yo, n);
      case MAXIMUM -> VectorLoops.maximum(a, ao, b, bo, y, yo, n);
      case MINIMUM -> VectorLoops.minimum(a, ao, b, bo, y, yo, n);
      case POW -> {
        if (VectorPowers.WIDE) {
          VectorPowers.pow(a, ao, b, bo, y, yo, n);
        } else {
          FloatLoops.binary(op, a, ao, b, bo, y, yo, n);
        }
      }
    }
  }

  @Override
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (op) {
      case TIMES -> VectorArithmetic.addTimes(a, ao, b, bo, y, yo, n);
      case TANH_BACKWARD -> VectorArithmetic.addTanhBackward(a, ao, b, bo, y, yo, n);
      case SIGMOID_BACKWARD -> VectorArithmetic.addSigmoidBackward(a, ao, b, bo, y, yo, n);
      default -> MapKernels.super.accumulate(op, a, ao, b, bo, y, yo, n);
    }
  }
}

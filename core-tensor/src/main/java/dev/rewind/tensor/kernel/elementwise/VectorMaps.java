package dev.rewind.tensor.kernel.elementwise;

/// The vector twins of [ScalarMaps], which do what is left after whole vectors.
public final class VectorMaps implements MapKernels {
  private final ScalarMaps scalar = new ScalarMaps();

  @Override
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    int done = VectorLoops.affine(x, xo, factor, shift, y, yo, n);
    scalar.affine(x, xo + done, factor, shift, y, yo + done, n - done);
  }

  @Override
  public void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    int done = switch (op) {
      case ERF -> VectorFunctions.erf(x, xo, y, yo, n);
      case EXP -> VectorFunctions.exp(x, xo, y, yo, n);
      case EXPM1 -> VectorFunctions.expm1(x, xo, y, yo, n);
      case GELU -> VectorFunctions.gelu(x, xo, y, yo, n);
      case LOG -> VectorFunctions.log(x, xo, y, yo, n);
      case SIGMOID -> VectorFunctions.sigmoid(x, xo, y, yo, n);
      case SOFTPLUS -> VectorFunctions.softplus(x, xo, y, yo, n);
      case TANH -> VectorFunctions.tanh(x, xo, y, yo, n);
      case ABS, NEGATE, RECIPROCAL, RELU, SQRT, SQUARE -> VectorLoops.unary(op, x, xo, y, yo, n);
      case LOG1P, SIGN -> 0;
    };
    scalar.unary(op, x, xo + done, y, yo + done, n - done);
  }

  @Override
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = switch (op) {
      case PLUS -> VectorLoops.plus(a, ao, b, bo, y, yo, n);
      case MINUS -> VectorLoops.minus(a, ao, b, bo, y, yo, n);
      case TIMES -> VectorLoops.times(a, ao, b, bo, y, yo, n);
      case TANH_BACKWARD -> VectorLoops.tanhBackward(a, ao, b, bo, y, yo, n);
      case SIGMOID_BACKWARD -> VectorLoops.sigmoidBackward(a, ao, b, bo, y, yo, n);
      case DIVIDE, MINIMUM, MAXIMUM -> VectorLoops.binary(op, a, ao, b, bo, y, yo, n);
      case POW -> 0;
    };
    scalar.binary(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = switch (op) {
      case TIMES -> VectorLoops.addTimes(a, ao, b, bo, y, yo, n);
      case TANH_BACKWARD -> VectorLoops.addTanhBackward(a, ao, b, bo, y, yo, n);
      case SIGMOID_BACKWARD -> VectorLoops.addSigmoidBackward(a, ao, b, bo, y, yo, n);
      default -> 0;
    };
    scalar.accumulate(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int done = VectorLoops.compare(op, a, ao, b, bo, y, yo, n);
    scalar.compare(op, a, ao + done, b, bo + done, y, yo + done, n - done);
  }

  @Override
  public void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int done = VectorLoops.where(c, co, a, ao, b, bo, y, yo, n);
    scalar.where(c, co + done, a, ao + done, b, bo + done, y, yo + done, n - done);
  }
}

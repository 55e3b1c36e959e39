package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// [VectorMath] over arrays; the last, incomplete vector is masked, or its elements go one by one. A loop for each function: one that took the function
/// as an argument would not be compiled for any.
final class VectorMaps implements MapKernels {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  @Override
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).mul(factor).add(shift).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      FloatVector.fromArray(SPECIES, x, xo + i, rest).mul(factor).add(shift).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void erf(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.erf(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.erf(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void exp(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.exp(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.exp(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void expm1(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.expm1(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.expm1(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void gelu(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.gelu(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.gelu(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void log(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.log(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.log(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void log1p(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.log1p(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.log1p(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.sigmoid(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) { // a vector here, rarely met, would be passed as an object
      y[yo + i] = FloatMath.sigmoid(x[xo + i]);
    }
  }

  @Override
  public void softplus(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.softplus(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      VectorMath.softplus(FloatVector.fromArray(SPECIES, x, xo + i, rest)).intoArray(y, yo + i, rest);
    }
  }

  @Override
  public void tanh(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMath.tanh(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) { // a vector here, rarely met, would be passed as an object
      y[yo + i] = FloatMath.tanh(x[xo + i]);
    }
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
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (op) {
      case PLUS -> VectorArithmetic.plus(a, ao, b, bo, y, yo, n);
      case MINUS -> VectorArithmetic.minus(a, ao, b, bo, y, yo, n);
      case TIMES -> VectorArithmetic.times(a, ao, b, bo, y, yo, n);
      case DIVIDE -> VectorArithmetic.divide(a, ao, b, bo, y, yo, n);
      case TANH_SLOPE -> VectorArithmetic.tanhSlope(a, ao, b, bo, y, yo, n);
      case SIGMOID_SLOPE -> VectorArithmetic.sigmoidSlope(a, ao, b, bo, y, yo, n);
      case MAXIMUM -> VectorLoops.maximum(a, ao, b, bo, y, yo, n);
      case MINIMUM -> VectorLoops.minimum(a, ao, b, bo, y, yo, n);
      case POW -> FloatLoops.binary(op, a, ao, b, bo, y, yo, n);
    }
  }

  @Override
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (op) {
      case TIMES -> VectorArithmetic.addTimes(a, ao, b, bo, y, yo, n);
      case TANH_SLOPE -> VectorArithmetic.addTanhSlope(a, ao, b, bo, y, yo, n);
      case SIGMOID_SLOPE -> VectorArithmetic.addSigmoidSlope(a, ao, b, bo, y, yo, n);
      default -> MapKernels.super.accumulate(op, a, ao, b, bo, y, yo, n);
    }
  }
}

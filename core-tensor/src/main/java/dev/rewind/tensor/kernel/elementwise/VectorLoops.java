package dev.rewind.tensor.kernel.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Arithmetic over arrays, with the bits of [FloatMath]. The compiler makes no vector code of plain loops, because to
/// it the ranges might overlap; these take a quarter of their time. Each does whole vectors and returns how many
/// elements it has done. Products are rounded before they are added.
///
/// What a recurrence does at every step has a loop of its own. What is rarer shares one, and chooses in it: when the
/// second of those functions is first met, the loop is compiled again.
final class VectorLoops {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorLoops() {}

  static int affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).mul(factor).add(shift).intoArray(y, yo + i);
    }
    return i;
  }

  static int fma(float[] a, int ao, float[] b, int bo, float[] c, int co, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i)
          .fma(FloatVector.fromArray(SPECIES, b, bo + i), FloatVector.fromArray(SPECIES, c, co + i))
          .intoArray(y, yo + i);
    }
    return i;
  }

  /// Absolute values, negatives, reciprocals, positive parts, roots and squares.
  static int unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      switch (op) {
        case ABS -> v.abs().intoArray(y, yo + i);
        case NEGATE -> v.neg().intoArray(y, yo + i);
        case RECIPROCAL -> FloatVector.broadcast(SPECIES, 1).div(v).intoArray(y, yo + i);
        case RELU -> v.max(0).intoArray(y, yo + i);
        case SQRT -> v.sqrt().intoArray(y, yo + i);
        case SQUARE -> v.mul(v).intoArray(y, yo + i);
        default -> {
          return 0;
        }
      }
    }
    return i;
  }

  static int plus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).add(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    return i;
  }

  static int minus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).sub(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    return i;
  }

  static int times(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).mul(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    return i;
  }

  static int tanhBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).mul(one.sub(v.mul(v))).intoArray(y, yo + i);
    }
    return i;
  }

  static int sigmoidBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).mul(v.mul(one.sub(v))).intoArray(y, yo + i);
    }
    return i;
  }

  /// Quotients, the smaller and the larger.
  static int binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      switch (op) {
        case DIVIDE -> v.div(w).intoArray(y, yo + i);
        case MINIMUM -> v.min(w).intoArray(y, yo + i);
        case MAXIMUM -> v.max(w).intoArray(y, yo + i);
        default -> {
          return 0;
        }
      }
    }
    return i;
  }

  static int compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      switch (op) {
        case EQUAL -> v.compare(VectorOperators.EQ, w).intoArray(y, yo + i);
        case NOT_EQUAL -> v.compare(VectorOperators.NE, w).intoArray(y, yo + i);
        case LESS -> v.compare(VectorOperators.LT, w).intoArray(y, yo + i);
        case LESS_OR_EQUAL -> v.compare(VectorOperators.LE, w).intoArray(y, yo + i);
        case GREATER -> v.compare(VectorOperators.GT, w).intoArray(y, yo + i);
        case GREATER_OR_EQUAL -> v.compare(VectorOperators.GE, w).intoArray(y, yo + i);
        case CLOSER_TO_ZERO -> v.abs().compare(VectorOperators.LT, w.abs()).intoArray(y, yo + i);
      }
    }
    return i;
  }

  static int where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMask<Float> chosen = VectorMask.fromArray(SPECIES, c, co + i);
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector.fromArray(SPECIES, b, bo + i).blend(v, chosen).intoArray(y, yo + i);
    }
    return i;
  }

  // ---- added to what is there ---------------------------------------------------------------------------------------

  static int addTimes(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(v);
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    return i;
  }

  static int addTanhBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(one.sub(v.mul(v)));
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    return i;
  }

  static int addSigmoidBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(v.mul(one.sub(v)));
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    return i;
  }
}

package dev.rewind.tensor.kernel.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The loops of [FloatLoops] on vectors. The compiler makes no vector code of those: it does not know that ranges whose
/// offsets are arguments do not overlap. A loop for each function, since one with the function as an argument would not
/// be compiled for any; each ends before the last incomplete vector and returns where.
final class VectorLoops {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorLoops() {}

  /// As [FloatLoops#binary] has it for the smaller.
  static void minimum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.min(w).intoArray(y, yo + i);
    }
    FloatLoops.binary(Binary.MINIMUM, a, ao + i, b, bo + i, y, yo + i, n - i);
  }

  /// As [FloatLoops#binary] has it for the larger.
  static void maximum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.max(w).intoArray(y, yo + i);
    }
    FloatLoops.binary(Binary.MAXIMUM, a, ao + i, b, bo + i, y, yo + i, n - i);
  }

  /// As [FloatLoops#unary(MapKernels, Unary, float[], int, float[], int, int)], for whole vectors.
  ///
  /// @return how many elements are done
  static int unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    return switch (op) {
      case ABS -> abs(x, xo, y, yo, n);
      case NEGATE -> negate(x, xo, y, yo, n);
      case RECIPROCAL -> reciprocal(x, xo, y, yo, n);
      case RELU -> relu(x, xo, y, yo, n);
      case SQRT -> sqrt(x, xo, y, yo, n);
      case SQUARE -> square(x, xo, y, yo, n);
      default -> 0;
    };
  }

  private static int abs(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.abs().intoArray(y, yo + i);
    }
    return i;
  }

  private static int negate(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.neg().intoArray(y, yo + i);
    }
    return i;
  }

  private static int reciprocal(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector.broadcast(SPECIES, 1).div(v).intoArray(y, yo + i);
    }
    return i;
  }

  private static int relu(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.max(0).intoArray(y, yo + i);
    }
    return i;
  }

  private static int sqrt(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.sqrt().intoArray(y, yo + i);
    }
    return i;
  }

  private static int square(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.mul(v).intoArray(y, yo + i);
    }
    return i;
  }

  /// As [FloatLoops#compare(Comparison, float[], int, float[], int, boolean[], int, int)], for whole vectors.
  ///
  /// @return how many elements are done
  static int compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    return switch (op) {
      case EQUAL -> equal(a, ao, b, bo, y, yo, n);
      case LESS -> less(a, ao, b, bo, y, yo, n);
      case LESS_OR_EQUAL -> lessOrEqual(a, ao, b, bo, y, yo, n);
      case NOT_EQUAL -> notEqual(a, ao, b, bo, y, yo, n);
      case CLOSER_TO_ZERO -> closerToZero(a, ao, b, bo, y, yo, n);
    };
  }

  private static int equal(float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.compare(VectorOperators.EQ, w).intoArray(y, yo + i);
    }
    return i;
  }

  private static int less(float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.compare(VectorOperators.LT, w).intoArray(y, yo + i);
    }
    return i;
  }

  private static int lessOrEqual(float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.compare(VectorOperators.LE, w).intoArray(y, yo + i);
    }
    return i;
  }

  private static int notEqual(float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.compare(VectorOperators.NE, w).intoArray(y, yo + i);
    }
    return i;
  }

  private static int closerToZero(float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      v.abs().compare(VectorOperators.LT, w.abs()).intoArray(y, yo + i);
    }
    return i;
  }

  /// As [FloatLoops#where].
  static void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMask<Float> chosen = VectorMask.fromArray(SPECIES, c, co + i);
      FloatVector v = FloatVector.fromArray(SPECIES, a, ao + i);
      FloatVector w = FloatVector.fromArray(SPECIES, b, bo + i);
      w.blend(v, chosen).intoArray(y, yo + i);
    }
    FloatLoops.where(c, co + i, a, ao + i, b, bo + i, y, yo + i, n - i);
  }
}

package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarGruKernels] on vectors.
///
/// A method with more than one exponential is beyond what the compiler inlines into one piece: it then passes vectors
/// between calls as objects, many times slower. So the work is in stages of three kinds; that all are called from one place
/// is what keeps them from being inlined there, and lets each be compiled for itself.
final class VectorGruKernels implements GruKernels {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private final Stage[] stages = {new Sigmoid(1), new Sigmoid(2), new Candidate(), new State()};

  VectorGruKernels() {}

  /// A part of [#activate], for the first `bound` elements, which fill vectors.
  private interface Stage {
    void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho);
  }

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    int bound = SPECIES.loopBound(n);
    ScalarGruKernels.activate(bound, n, gates, gateso, before, beforeo, h, ho);
    for (Stage stage : stages) {
      stage.run(bound, n, gates, gateso, before, beforeo, h, ho);
    }
  }

  private record Sigmoid(int block) implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
      int from = gateso + block * n;
      for (int at = from; at < from + bound; at += LANES) {
        VectorMath.sigmoid(FloatVector.fromArray(SPECIES, gates, at)).intoArray(gates, at);
      }
    }
  }

  private record Candidate() implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
      for (int at = gateso; at < gateso + bound; at += LANES) {
        FloatVector r = FloatVector.fromArray(SPECIES, gates, at + n);
        FloatVector gated = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
        VectorMath.tanh(r.fma(gated, FloatVector.fromArray(SPECIES, gates, at))).intoArray(gates, at);
      }
    }
  }

  private record State() implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
      for (int j = 0; j < bound; j += LANES) {
        FloatVector candidate = FloatVector.fromArray(SPECIES, gates, gateso + j);
        FloatVector z = FloatVector.fromArray(SPECIES, gates, gateso + 2 * n + j);
        z.fma(FloatVector.fromArray(SPECIES, before, beforeo + j).sub(candidate), candidate).intoArray(h, ho + j);
      }
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo) {
    int bound = SPECIES.loopBound(n);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int j = 0; j < bound; j += LANES) {
      int at = gateso + j;
      FloatVector candidate = FloatVector.fromArray(SPECIES, gates, at);
      FloatVector r = FloatVector.fromArray(SPECIES, gates, at + n);
      FloatVector z = FloatVector.fromArray(SPECIES, gates, at + 2 * n);
      FloatVector d = FloatVector.fromArray(SPECIES, dh, dho + j);
      FloatVector sum = d.mul(one.sub(z)).mul(one.sub(candidate.mul(candidate)));
      FloatVector gated = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
      FloatVector change = FloatVector.fromArray(SPECIES, before, beforeo + j).sub(candidate);
      sum.intoArray(gates, at);
      sum.mul(gated).mul(r.mul(one.sub(r))).intoArray(gates, at + n);
      d.mul(change).mul(z.mul(one.sub(z))).intoArray(gates, at + 2 * n);
      sum.mul(r).intoArray(gates, at + 3 * n);
      d.mul(z).intoArray(dbefore, dbeforeo + j);
    }
    ScalarGruKernels.differentiate(
        bound, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }
}

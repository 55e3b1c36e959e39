package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarLstmKernels] on vectors.
///
/// A method with more than one exponential is beyond what the compiler inlines into one piece: it then passes vectors
/// between calls as objects, many times slower. So the work is in stages of three kinds; that all are called from one place
/// is what keeps them from being inlined there, and lets each be compiled for itself.
final class VectorLstmKernels implements LstmKernels {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private final Stage[] stages = {new Sigmoid(0), new Sigmoid(1), new Tanh(2), new Sigmoid(3), new State()};

  VectorLstmKernels() {}

  /// A part of [#activate], for the first `bound` elements, which fill vectors.
  private interface Stage {
    void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
        float[] squashed, int squashedo, float[] h, int ho);
  }

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    int bound = SPECIES.loopBound(n);
    ScalarLstmKernels.activate(bound, n, gates, gateso, before, beforeo, c, co, squashed, squashedo, h, ho);
    for (Stage stage : stages) {
      stage.run(bound, n, gates, gateso, before, beforeo, c, co, squashed, squashedo, h, ho);
    }
  }

  private record Sigmoid(int gate) implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
        float[] squashed, int squashedo, float[] h, int ho) {
      int from = gateso + gate * n;
      for (int at = from; at < from + bound; at += LANES) {
        VectorMath.sigmoid(FloatVector.fromArray(SPECIES, gates, at)).intoArray(gates, at);
      }
    }
  }

  private record Tanh(int gate) implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
        float[] squashed, int squashedo, float[] h, int ho) {
      int from = gateso + gate * n;
      for (int at = from; at < from + bound; at += LANES) {
        VectorMath.tanh(FloatVector.fromArray(SPECIES, gates, at)).intoArray(gates, at);
      }
    }
  }

  private record State() implements Stage {
    @Override
    public void run(int bound, int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
        float[] squashed, int squashedo, float[] h, int ho) {
      for (int j = 0; j < bound; j += LANES) {
        int at = gateso + j;
        FloatVector i = FloatVector.fromArray(SPECIES, gates, at);
        FloatVector f = FloatVector.fromArray(SPECIES, gates, at + n);
        FloatVector g = FloatVector.fromArray(SPECIES, gates, at + 2 * n);
        FloatVector o = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
        FloatVector memory = f.fma(FloatVector.fromArray(SPECIES, before, beforeo + j), i.mul(g));
        FloatVector s = VectorMath.tanh(memory);
        memory.intoArray(c, co + j);
        s.intoArray(squashed, squashedo + j);
        o.mul(s).intoArray(h, ho + j);
      }
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed, int squashedo,
      float[] dh, int dho, float[] dc, int dco) {
    int bound = SPECIES.loopBound(n);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int j = 0; j < bound; j += LANES) {
      int at = gateso + j;
      FloatVector i = FloatVector.fromArray(SPECIES, gates, at);
      FloatVector f = FloatVector.fromArray(SPECIES, gates, at + n);
      FloatVector g = FloatVector.fromArray(SPECIES, gates, at + 2 * n);
      FloatVector o = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
      FloatVector s = FloatVector.fromArray(SPECIES, squashed, squashedo + j);
      FloatVector y = FloatVector.fromArray(SPECIES, dh, dho + j);
      FloatVector d = y.mul(o).fma(one.sub(s.mul(s)), FloatVector.fromArray(SPECIES, dc, dco + j));
      d.mul(g).mul(i.mul(one.sub(i))).intoArray(gates, at);
      d.mul(FloatVector.fromArray(SPECIES, before, beforeo + j)).mul(f.mul(one.sub(f))).intoArray(gates, at + n);
      d.mul(i).mul(one.sub(g.mul(g))).intoArray(gates, at + 2 * n);
      y.mul(s).mul(o.mul(one.sub(o))).intoArray(gates, at + 3 * n);
      d.mul(f).intoArray(dc, dco + j);
    }
    ScalarLstmKernels.differentiate(
        bound, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }
}

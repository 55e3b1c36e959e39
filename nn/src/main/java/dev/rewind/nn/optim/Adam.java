package dev.rewind.nn.optim;

import dev.rewind.autograd.Parameter;
import java.util.List;

/// Adam (Kingma and Ba 2015), as PyTorch's `torch.optim.Adam` computes it: with `m` and `v` the running means of the gradient
/// and of its square,
///
/// ```
/// parameter -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// With weight decay it is `torch.optim.AdamW` (Loshchilov and Hutter 2019): first `parameter -= rate * decay * parameter`.
public final class Adam extends ElementwiseOptimizer {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double decay;

  /// With the usual constants: beta 0.9 and 0.999, epsilon 1e-8; no weight decay.
  public Adam(List<Parameter> parameters, double learningRate) {
    this(parameters, learningRate, 0);
  }

  /// The same with weight decay, at least 0: AdamW.
  public Adam(List<Parameter> parameters, double learningRate, double decay) {
    super(parameters, learningRate, List.of("mean", "square"));
    this.decay = requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
  }

  @Override
  protected void update(float[] x, float[] g, float[][] memory, int from, int to, int step) {
    float[] m = memory[0];
    float[] v = memory[1];
    float kept = (float) (1 - learningRate() * decay);
    float rate = (float) (learningRate() / (1 - StrictMath.pow(BETA1, step)));
    float scale = (float) (1 / Math.sqrt(1 - StrictMath.pow(BETA2, step)));
    for (int i = from; i < to; i++) {
      m[i] = (float) BETA1 * m[i] + (float) (1 - BETA1) * g[i];
      v[i] = (float) BETA2 * v[i] + (float) (1 - BETA2) * g[i] * g[i];
      x[i] = kept * x[i] - rate * m[i] / ((float) Math.sqrt(v[i]) * scale + (float) EPSILON);
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] memory, int from, int to, int step) {
    double[] m = memory[0];
    double[] v = memory[1];
    double kept = 1 - learningRate() * decay;
    double rate = learningRate() / (1 - StrictMath.pow(BETA1, step));
    double scale = 1 / Math.sqrt(1 - StrictMath.pow(BETA2, step));
    for (int i = from; i < to; i++) {
      m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
      v[i] = BETA2 * v[i] + (1 - BETA2) * g[i] * g[i];
      x[i] = kept * x[i] - rate * m[i] / (Math.sqrt(v[i]) * scale + EPSILON);
    }
  }
}

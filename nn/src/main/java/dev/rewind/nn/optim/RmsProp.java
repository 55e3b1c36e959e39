package dev.rewind.nn.optim;

import dev.rewind.autograd.Parameter;
import java.util.List;

/// RMSProp (Tieleman and Hinton 2012), as PyTorch's `torch.optim.RMSprop` computes it, without momentum:
///
/// ```
/// square = alpha * square + (1 - alpha) * gradient^2
/// parameter -= rate * gradient / (sqrt(square) + epsilon)
/// ```
public final class RmsProp extends ElementwiseOptimizer {
  private final double alpha;
  private final double epsilon;

  /// With PyTorch's constants: alpha 0.99, epsilon 1e-8.
  public RmsProp(List<Parameter> parameters, double learningRate) {
    this(parameters, learningRate, 0.99, 1e-8);
  }

  /// With other constants.
  ///
  /// @param alpha the share of the running mean that stays, in `[0, 1)`
  /// @param epsilon keeps the denominator from zero
  public RmsProp(List<Parameter> parameters, double learningRate, double alpha, double epsilon) {
    super(parameters, learningRate, List.of("square"));
    this.alpha = requireRange("alpha", alpha, 1);
    this.epsilon = requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
  }

  @Override
  protected void update(float[] x, float[] g, float[][] memory, int from, int to, int step) {
    float[] square = memory[0];
    float rate = (float) learningRate();
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    float floor = (float) epsilon;
    for (int i = from; i < to; i++) {
      float slope = g[i];
      float s = keep * square[i] + take * slope * slope;
      square[i] = s;
      x[i] -= rate * slope / ((float) Math.sqrt(s) + floor);
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] memory, int from, int to, int step) {
    double[] square = memory[0];
    double rate = learningRate();
    double take = 1 - alpha;
    for (int i = from; i < to; i++) {
      double slope = g[i];
      double s = alpha * square[i] + take * slope * slope;
      square[i] = s;
      x[i] -= rate * slope / (Math.sqrt(s) + epsilon);
    }
  }
}

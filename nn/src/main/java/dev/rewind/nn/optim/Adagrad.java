package dev.rewind.nn.optim;

import dev.rewind.autograd.Parameter;
import java.util.List;

/// Adagrad (Duchi, Hazan and Singer 2011), as PyTorch's `torch.optim.Adagrad` computes it:
///
/// ```
/// square = square + gradient^2
/// parameter -= rate * gradient / (sqrt(square) + epsilon)
/// ```
public final class Adagrad extends ElementwiseOptimizer {
  private final double epsilon;

  /// With PyTorch's epsilon, 1e-10.
  public Adagrad(List<Parameter> parameters, double learningRate) {
    this(parameters, learningRate, 1e-10);
  }

  /// With another epsilon.
  ///
  /// @param epsilon keeps the denominator from zero
  public Adagrad(List<Parameter> parameters, double learningRate, double epsilon) {
    super(parameters, learningRate, List.of("square"));
    this.epsilon = requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
  }

  @Override
  protected void update(float[] x, float[] g, float[][] memory, int from, int to, int step) {
    float[] square = memory[0];
    float rate = (float) learningRate();
    float floor = (float) epsilon;
    for (int i = from; i < to; i++) {
      float slope = g[i];
      float s = square[i] + slope * slope;
      square[i] = s;
      x[i] -= rate * slope / ((float) Math.sqrt(s) + floor);
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] memory, int from, int to, int step) {
    double[] square = memory[0];
    double rate = learningRate();
    for (int i = from; i < to; i++) {
      double slope = g[i];
      double s = square[i] + slope * slope;
      square[i] = s;
      x[i] -= rate * slope / (Math.sqrt(s) + epsilon);
    }
  }
}

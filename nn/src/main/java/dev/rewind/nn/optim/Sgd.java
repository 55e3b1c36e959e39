package dev.rewind.nn.optim;

import dev.rewind.autograd.Parameter;
import java.util.List;

/// Stochastic gradient descent with momentum (Polyak 1964; Sutskever et al. 2013), as PyTorch's `torch.optim.SGD`
/// computes it without dampening:
///
/// ```
/// velocity = momentum * velocity + gradient
/// parameter -= rate * velocity                            Nesterov: rate * (gradient + momentum * velocity)
/// ```
public final class Sgd extends ElementwiseOptimizer {
  private final double momentum;
  private final double direct; // the factors of gradient and velocity in the change
  private final double carried;

  /// Without momentum: `parameter -= rate * gradient`.
  public Sgd(List<Parameter> parameters, double learningRate) {
    this(parameters, learningRate, 0, false);
  }

  /// With momentum, in `[0, 1)`.
  public Sgd(List<Parameter> parameters, double learningRate, double momentum, boolean nesterov) {
    super(parameters, learningRate, momentum == 0 ? List.of() : List.of("velocity"));
    this.momentum = requireRange("the momentum", momentum, 1);
    this.direct = nesterov ? 1 : 0;
    this.carried = nesterov ? momentum : 1;
  }

  @Override
  protected void update(float[] x, float[] g, float[][] memory, int from, int to, int step) {
    float rate = (float) learningRate();
    if (momentum == 0) {
      for (int i = from; i < to; i++) {
        x[i] -= rate * g[i];
      }
      return;
    }
    float[] velocity = memory[0];
    float keep = (float) momentum;
    float a = (float) direct;
    float b = (float) carried;
    for (int i = from; i < to; i++) {
      float v = keep * velocity[i] + g[i];
      velocity[i] = v;
      x[i] -= rate * (a * g[i] + b * v);
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] memory, int from, int to, int step) {
    double rate = learningRate();
    if (momentum == 0) {
      for (int i = from; i < to; i++) {
        x[i] -= rate * g[i];
      }
      return;
    }
    double[] velocity = memory[0];
    for (int i = from; i < to; i++) {
      double v = momentum * velocity[i] + g[i];
      velocity[i] = v;
      x[i] -= rate * (direct * g[i] + carried * v);
    }
  }
}

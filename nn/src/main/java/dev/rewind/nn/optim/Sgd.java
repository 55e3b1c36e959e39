package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Stochastic gradient descent with momentum (Polyak 1964; Sutskever et al. 2013), as PyTorch's `torch.optim.SGD`
/// computes it:
///
/// ```
/// gradient += decay * parameter
/// velocity = momentum * velocity + (1 - dampening) * gradient     the first time: velocity = gradient
/// parameter -= rate * velocity                                    Nesterov: rate * (gradient + momentum * velocity)
/// ```
public final class Sgd extends ElementwiseOptimizer {
  private final Options options;

  /// The options.
  ///
  /// @param momentum in `[0, 1)`
  /// @param dampening in `[0, 1]`; how much of the gradient the velocity leaves out, where there is momentum
  /// @param nesterov whether the step looks ahead, which wants momentum and no dampening
  /// @param decay at least 0
  public record Options(double momentum, double dampening, boolean nesterov, double decay) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      requireRange("the momentum", momentum, 1);
      if (!(dampening >= 0 && dampening <= 1)) {
        throw new IllegalArgumentException("optimizer: the dampening must be in [0, 1], not " + dampening);
      }
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException("optimizer: Nesterov's momentum wants a momentum above 0 and no dampening");
      }
    }

    /// No momentum, no decay.
    public static Options defaults() {
      return new Options(0, 0, false, 0);
    }

    /// These options with momentum.
    public Options withMomentum(double value) {
      return new Options(value, dampening, nesterov, decay);
    }

    /// These options with dampening.
    public Options withDampening(double value) {
      return new Options(momentum, value, nesterov, decay);
    }

    /// These options with Nesterov's momentum.
    public Options withNesterov(double value) {
      return new Options(value, dampening, true, decay);
    }

    /// These options with weight decay.
    public Options withDecay(double value) {
      return new Options(momentum, dampening, nesterov, value);
    }
  }

  /// Without momentum: `parameter -= rate * gradient`.
  public Sgd(List<Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options.
  ///
  /// @throws IllegalArgumentException if they have dampening but no momentum, which it would dampen
  public Sgd(List<Param> parameters, double learningRate, Options options) {
    this(numbered(parameters), learningRate, options);
  }

  /// The same for named parameters.
  public Sgd(Map<String, Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public Sgd(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, options.momentum == 0 ? List.of() : List.of("velocity"));
    if (options.momentum == 0 && options.dampening != 0) {
      throw new IllegalArgumentException(
          "optimizer: a dampening of " + options.dampening + " wants a momentum above 0");
    }
    this.options = options;
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    float[] velocity = options.momentum == 0 ? null : buffers[0];
    float rate = (float) how.rate();
    float decay = (float) how.decay();
    float scale = (float) how.scale();
    float keep = (float) options.momentum;
    float take = (float) weight(how);
    boolean nesterov = options.nesterov;
    for (int i = from; i < to; i++) {
      float change = scale * g[i] + decay * x[i];
      if (velocity != null) {
        float v = keep * velocity[i] + take * change;
        velocity[i] = v;
        change = nesterov ? change + keep * v : v;
      }
      x[i] -= rate * change;
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    double take = weight(how);
    for (int i = from; i < to; i++) {
      double change = how.scale() * g[i] + how.decay() * x[i];
      if (options.momentum != 0) {
        double v = options.momentum * buffers[0][i] + take * change;
        buffers[0][i] = v;
        change = options.nesterov ? change + options.momentum * v : v;
      }
      x[i] -= how.rate() * change;
    }
  }

  private double weight(Update how) {
    return how.step() == 1 ? 1 : 1 - options.dampening;
  }
}

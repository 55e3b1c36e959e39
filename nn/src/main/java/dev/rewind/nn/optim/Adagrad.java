package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Adagrad (Duchi, Hazan and Singer 2011), as PyTorch's `torch.optim.Adagrad` computes it, without an initial
/// accumulator:
///
/// ```
/// gradient += decay * parameter
/// square = square + gradient^2
/// parameter -= rate / (1 + (t - 1) * rateDecay) * gradient / (sqrt(square) + epsilon)
/// ```
public final class Adagrad extends ElementwiseOptimizer {
  private final Options options;

  /// The options.
  ///
  /// @param epsilon keeps the denominator away from zero
  /// @param rateDecay how fast the learning rate itself falls
  /// @param decay the weight decay
  public record Options(double epsilon, double rateDecay, double decay) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is negative or not finite
    public Options {
      requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
      requireRange("the decay of the rate", rateDecay, Double.POSITIVE_INFINITY);
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    }

    /// PyTorch's: epsilon 1e-10, no decay.
    public static Options defaults() {
      return new Options(1e-10, 0, 0);
    }

    /// These options with another epsilon.
    public Options withEpsilon(double value) {
      return new Options(value, rateDecay, decay);
    }

    /// These options with a learning rate that falls.
    public Options withRateDecay(double value) {
      return new Options(epsilon, value, decay);
    }

    /// These options with weight decay.
    public Options withDecay(double value) {
      return new Options(epsilon, rateDecay, value);
    }
  }

  /// With [Options#defaults].
  public Adagrad(List<Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options.
  public Adagrad(List<Param> parameters, double learningRate, Options options) {
    this(numbered(parameters), learningRate, options);
  }

  /// The same for named parameters.
  public Adagrad(Map<String, Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public Adagrad(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, List.of("square"));
    this.options = options;
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    float[] square = buffers[0];
    float rate = (float) rate(how);
    float decay = (float) how.decay();
    float scale = (float) how.scale();
    float floor = (float) options.epsilon;
    for (int i = from; i < to; i++) {
      float gradient = scale * g[i] + decay * x[i];
      float s = square[i] + gradient * gradient;
      square[i] = s;
      x[i] -= rate * gradient / ((float) Math.sqrt(s) + floor);
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    double rate = rate(how);
    for (int i = from; i < to; i++) {
      double gradient = how.scale() * g[i] + how.decay() * x[i];
      double s = buffers[0][i] + gradient * gradient;
      buffers[0][i] = s;
      x[i] -= rate * gradient / (Math.sqrt(s) + options.epsilon);
    }
  }

  private double rate(Update how) {
    return how.rate() / (1 + (how.step() - 1) * options.rateDecay);
  }
}

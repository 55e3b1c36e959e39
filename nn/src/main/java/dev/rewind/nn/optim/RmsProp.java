package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// RMSProp (Tieleman and Hinton 2012; with momentum and centering Graves 2013), as PyTorch's `torch.optim.RMSprop`
/// computes it:
///
/// ```
/// gradient += decay * parameter
/// square = alpha * square + (1 - alpha) * gradient^2
/// mean = alpha * mean + (1 - alpha) * gradient                    if centered, else 0
/// velocity = momentum * velocity + gradient / (sqrt(square - mean^2) + epsilon)
/// parameter -= rate * velocity
/// ```
public final class RmsProp extends ElementwiseOptimizer {
  private final Options options;

  /// The options.
  ///
  /// @param alpha how much of the running means stays, in `[0, 1)`
  /// @param epsilon keeps the denominator away from zero
  /// @param momentum in `[0, 1)`
  /// @param centered whether the denominator is the deviation instead of the root of the mean square
  /// @param decay at least 0
  public record Options(double alpha, double epsilon, double momentum, boolean centered, double decay) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      requireRange("alpha", alpha, 1);
      requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
      requireRange("the momentum", momentum, 1);
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    }

    /// PyTorch's: alpha 0.99, epsilon 1e-8, no momentum, not centered, no decay.
    public static Options defaults() {
      return new Options(0.99, 1e-8, 0, false, 0);
    }

    /// These options with another alpha.
    public Options withAlpha(double value) {
      return new Options(value, epsilon, momentum, centered, decay);
    }

    /// These options with another epsilon.
    public Options withEpsilon(double value) {
      return new Options(alpha, value, momentum, centered, decay);
    }

    /// These options with momentum.
    public Options withMomentum(double value) {
      return new Options(alpha, epsilon, value, centered, decay);
    }

    /// These options with the deviation as denominator.
    public Options withCentering() {
      return new Options(alpha, epsilon, momentum, true, decay);
    }

    /// These options with weight decay.
    public Options withDecay(double value) {
      return new Options(alpha, epsilon, momentum, centered, value);
    }
  }

  /// With [Options#defaults].
  public RmsProp(List<Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options.
  public RmsProp(List<Param> parameters, double learningRate, Options options) {
    this(numbered(parameters), learningRate, options);
  }

  /// The same for named parameters.
  public RmsProp(Map<String, Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public RmsProp(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, buffers(options));
    this.options = options;
  }

  private static List<String> buffers(Options options) {
    return Stream.of("square", options.centered ? "mean" : "", options.momentum > 0 ? "velocity" : "")
        .filter(name -> !name.isEmpty()).toList();
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    float[] square = buffers[0];
    float rate = (float) how.rate();
    float decay = (float) how.decay();
    float scale = (float) how.scale();
    float keep = (float) options.alpha;
    float take = (float) (1 - options.alpha);
    float floor = (float) options.epsilon;
    if (buffers.length == 1) {
      for (int i = from; i < to; i++) {
        float gradient = scale * g[i] + decay * x[i];
        float s = keep * square[i] + take * gradient * gradient;
        square[i] = s;
        x[i] -= rate * gradient / ((float) Math.sqrt(s) + floor);
      }
      return;
    }
    float[] mean = options.centered ? buffers[1] : null;
    float[] velocity = options.momentum > 0 ? buffers[buffers.length - 1] : null;
    float carried = (float) options.momentum;
    for (int i = from; i < to; i++) {
      float gradient = scale * g[i] + decay * x[i];
      float s = keep * square[i] + take * gradient * gradient;
      square[i] = s;
      if (mean != null) {
        mean[i] = keep * mean[i] + take * gradient;
        s = Math.max(s - mean[i] * mean[i], 0); // rounding can make it negative
      }
      float change = gradient / ((float) Math.sqrt(s) + floor);
      if (velocity != null) {
        change += carried * velocity[i];
        velocity[i] = change;
      }
      x[i] -= rate * change;
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    double[] mean = options.centered ? buffers[1] : null;
    double[] velocity = options.momentum > 0 ? buffers[buffers.length - 1] : null;
    for (int i = from; i < to; i++) {
      double gradient = how.scale() * g[i] + how.decay() * x[i];
      buffers[0][i] = options.alpha * buffers[0][i] + (1 - options.alpha) * gradient * gradient;
      double s = buffers[0][i];
      if (mean != null) {
        mean[i] = options.alpha * mean[i] + (1 - options.alpha) * gradient;
        s = Math.max(s - mean[i] * mean[i], 0); // rounding can make it negative
      }
      double change = gradient / (Math.sqrt(s) + options.epsilon);
      if (velocity != null) {
        velocity[i] = change + options.momentum * velocity[i];
        change = velocity[i];
      }
      x[i] -= how.rate() * change;
    }
  }
}

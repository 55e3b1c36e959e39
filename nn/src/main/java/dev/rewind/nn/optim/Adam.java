package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Adam (Kingma and Ba 2015), as PyTorch's `torch.optim.Adam` computes it: with `mean` and `square` the running means
/// of the gradient and of its square,
///
/// ```
/// gradient += decay * parameter
/// mean = beta1 * mean + (1 - beta1) * gradient
/// square = beta2 * square + (1 - beta2) * gradient^2
/// parameter -= rate / (1 - beta1^t) * mean / (sqrt(square / (1 - beta2^t)) + epsilon)
/// ```
///
/// AMSGrad (Reddi et al. 2018) divides by the largest `square` so far. [AdamW] keeps the decay out of the means.
public final class Adam extends ElementwiseOptimizer {
  private final Options options;

  /// The options, for [AdamW] too.
  ///
  /// @param beta1 how much of the running mean stays, in `[0, 1)`
  /// @param beta2 how much of the running mean of squares stays, in `[0, 1)`
  /// @param epsilon keeps the denominator away from zero
  /// @param decay the weight decay
  /// @param amsgrad whether the denominator never falls
  public record Options(double beta1, double beta2, double epsilon, double decay, boolean amsgrad) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      requireRange("beta1", beta1, 1);
      requireRange("beta2", beta2, 1);
      requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    }

    /// The usual: betas 0.9 and 0.999, epsilon 1e-8, no decay, no AMSGrad.
    public static Options defaults() {
      return new Options(0.9, 0.999, 1e-8, 0, false);
    }

    /// These options with other betas.
    public Options withBetas(double ofMean, double ofSquare) {
      return new Options(ofMean, ofSquare, epsilon, decay, amsgrad);
    }

    /// These options with another epsilon.
    public Options withEpsilon(double value) {
      return new Options(beta1, beta2, value, decay, amsgrad);
    }

    /// These options with weight decay.
    public Options withDecay(double value) {
      return new Options(beta1, beta2, epsilon, value, amsgrad);
    }

    /// These options with a denominator that never falls.
    public Options withAmsgrad() {
      return new Options(beta1, beta2, epsilon, decay, true);
    }

    List<String> buffers() {
      return amsgrad ? List.of("mean", "square", "largest") : List.of("mean", "square");
    }
  }

  /// With [Options#defaults].
  public Adam(List<Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options.
  public Adam(List<Param> parameters, double learningRate, Options options) {
    this(numbered(parameters), learningRate, options);
  }

  /// The same for named parameters.
  public Adam(Map<String, Param> parameters, double learningRate) {
    this(parameters, learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public Adam(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, options.buffers());
    this.options = options;
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    update(x, g, buffers, from, to, how, options, how.decay(), 0);
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    update(x, g, buffers, from, to, how, options, how.decay(), 0);
  }

  /// The formula with both kinds of decay: `coupled` goes into the gradient, `decoupled` shrinks the parameter first.
  static void update(
      float[] x, float[] g, float[][] buffers, int from, int to, Update how, Options options, double coupled,
      double decoupled) {
    float[] mean = buffers[0];
    float[] square = buffers[1];
    float scale = (float) how.scale();
    float decay = (float) coupled;
    float kept = (float) (1 - how.rate() * decoupled);
    float keep1 = (float) options.beta1;
    float take1 = (float) (1 - options.beta1);
    float keep2 = (float) options.beta2;
    float take2 = (float) (1 - options.beta2);
    float rate = (float) (how.rate() / (1 - StrictMath.pow(options.beta1, how.step())));
    float unbias = (float) (1 / Math.sqrt(1 - StrictMath.pow(options.beta2, how.step())));
    float floor = (float) options.epsilon;
    float[] largest = options.amsgrad ? buffers[2] : null;
    for (int i = from; i < to; i++) {
      float gradient = scale * g[i] + decay * x[i];
      float m = keep1 * mean[i] + take1 * gradient;
      float v = keep2 * square[i] + take2 * gradient * gradient;
      mean[i] = m;
      square[i] = v;
      if (largest != null) {
        v = Math.max(largest[i], v);
        largest[i] = v;
      }
      x[i] = kept * x[i] - rate * m / ((float) Math.sqrt(v) * unbias + floor);
    }
  }

  static void update(
      double[] x, double[] g, double[][] buffers, int from, int to, Update how, Options options, double coupled,
      double decoupled) {
    double[] mean = buffers[0];
    double[] square = buffers[1];
    double kept = 1 - how.rate() * decoupled;
    double rate = how.rate() / (1 - StrictMath.pow(options.beta1, how.step()));
    double unbias = 1 / Math.sqrt(1 - StrictMath.pow(options.beta2, how.step()));
    for (int i = from; i < to; i++) {
      double gradient = how.scale() * g[i] + coupled * x[i];
      double m = options.beta1 * mean[i] + (1 - options.beta1) * gradient;
      double v = options.beta2 * square[i] + (1 - options.beta2) * gradient * gradient;
      mean[i] = m;
      square[i] = v;
      if (options.amsgrad) {
        v = Math.max(buffers[2][i], v);
        buffers[2][i] = v;
      }
      x[i] = kept * x[i] - rate * m / (Math.sqrt(v) * unbias + options.epsilon);
    }
  }
}

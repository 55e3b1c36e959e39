package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Lion (Chen et al. 2023): every element moves by the rate, in the direction of a mean of gradients. It wants a rate
/// of a third to a tenth of [AdamW]'s, and as much more decay.
///
/// ```
/// parameter -= rate * (sign(beta1 * mean + (1 - beta1) * gradient) + decay * parameter)
/// mean = beta2 * mean + (1 - beta2) * gradient
/// ```
public final class Lion extends FormulaOptimizer<Lion.Options> {
  /// The options.
  ///
  /// @param beta1 how much of the mean is in the direction, in `[0, 1)`
  /// @param beta2 how much of the mean stays, in `[0, 1)`
  /// @param decay the weight decay
  public record Options(double beta1, double beta2, double decay) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      requireRange("beta1", beta1, 1);
      requireRange("beta2", beta2, 1);
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    }

    /// The paper's: betas 0.9 and 0.99, no decay.
    public static Options defaults() {
      return new Options(0.9, 0.99, 0);
    }
  }

  /// With [Options#defaults].
  public Lion(List<Param> parameters, double learningRate) {
    this(numbered(parameters), learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public Lion(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, List.of("mean"));
  }

  @Override
  Formula formula(Update how) {
    return (x, g, memory) -> {
      double direction = Math.signum(options.beta1 * memory[0] + (1 - options.beta1) * g);
      memory[0] = options.beta2 * memory[0] + (1 - options.beta2) * g;
      return x - how.rate() * (direction + how.decay() * x);
    };
  }
}

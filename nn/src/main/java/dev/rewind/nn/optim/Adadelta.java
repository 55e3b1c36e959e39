package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Adadelta (Zeiler 2012), as PyTorch's `torch.optim.Adadelta` computes it: steps have the size of earlier steps.
///
/// ```
/// gradient += decay * parameter
/// square = rho * square + (1 - rho) * gradient^2
/// delta = sqrt(moved + epsilon) / sqrt(square + epsilon) * gradient
/// moved = rho * moved + (1 - rho) * delta^2
/// parameter -= rate * delta
/// ```
public final class Adadelta extends FormulaOptimizer<Adadelta.Options> {
  /// The options.
  ///
  /// @param rho how much of the running means stays, in `[0, 1)`
  /// @param epsilon what the first steps grow from
  /// @param decay the weight decay
  public record Options(double rho, double epsilon, double decay) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      requireRange("rho", rho, 1);
      requireRange("epsilon", epsilon, Double.POSITIVE_INFINITY);
      requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    }

    /// PyTorch's: rho 0.9, epsilon 1e-6, no decay.
    public static Options defaults() {
      return new Options(0.9, 1e-6, 0);
    }
  }

  /// With [Options#defaults]; a rate of 1 is usual.
  public Adadelta(List<Param> parameters, double learningRate) {
    this(numbered(parameters), learningRate, Options.defaults());
  }

  /// With options, for named parameters.
  public Adadelta(Map<String, Param> parameters, double learningRate, Options options) {
    super(parameters, learningRate, options, options.decay, List.of("square", "moved"));
  }

  @Override
  Formula formula(Update how) {
    double rho = options.rho;
    double epsilon = options.epsilon;
    return (x, g, memory) -> {
      double gradient = g + how.decay() * x;
      memory[0] = rho * memory[0] + (1 - rho) * gradient * gradient;
      double delta = Math.sqrt(memory[1] + epsilon) / Math.sqrt(memory[0] + epsilon) * gradient;
      memory[1] = rho * memory[1] + (1 - rho) * delta * delta;
      return x - how.rate() * delta;
    };
  }
}

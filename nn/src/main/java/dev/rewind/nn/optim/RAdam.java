package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Rectified Adam (Liu et al. 2020), as PyTorch's `torch.optim.RAdam` computes it: in early steps, while `square` is
/// the mean of too few squares, it is momentum alone. With `mean` and `square` as in [Adam], `r0 = 2 / (1 - beta2) - 1`
/// and `r = r0 - 2 t beta2^t / (1 - beta2^t)`,
///
/// ```
/// gradient += decay * parameter
/// step = rate * mean / (1 - beta1^t)
/// if r > 5:  step *= sqrt((r - 4) (r - 2) r0 / ((r0 - 4) (r0 - 2) r)) * sqrt(1 - beta2^t) / (sqrt(square) + epsilon)
/// parameter -= step
/// ```
public final class RAdam extends FormulaOptimizer<Adam.Options> {
  /// With [Adam.Options#defaults].
  public RAdam(List<Param> parameters, double learningRate) {
    this(numbered(parameters), learningRate, Adam.Options.defaults());
  }

  /// With options, for named parameters.
  ///
  /// @throws IllegalArgumentException if they ask for AMSGrad
  public RAdam(Map<String, Param> parameters, double learningRate, Adam.Options options) {
    super(parameters, learningRate, requirePlain("RAdam", options), options.decay(), options.buffers());
  }

  @Override
  Formula formula(Update how) {
    double beta1 = options.beta1();
    double beta2 = options.beta2();
    double bias = 1 - StrictMath.pow(beta2, how.step());
    double most = 2 / (1 - beta2) - 1;
    double r = most - 2 * how.step() * (1 - bias) / bias;
    boolean rectified = r > 5;
    double rectification = Math.sqrt((r - 4) * (r - 2) * most / ((most - 4) * (most - 2) * r) * bias);
    double rate = how.rate() / (1 - StrictMath.pow(beta1, how.step()));
    return (x, g, memory) -> {
      double gradient = g + how.decay() * x;
      memory[0] = beta1 * memory[0] + (1 - beta1) * gradient;
      memory[1] = beta2 * memory[1] + (1 - beta2) * gradient * gradient;
      return x - rate * memory[0] * (rectified ? rectification / (Math.sqrt(memory[1]) + options.epsilon()) : 1);
    };
  }
}

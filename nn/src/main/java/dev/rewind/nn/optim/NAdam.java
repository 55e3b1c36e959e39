package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// Adam with Nesterov's momentum (Dozat 2016), as PyTorch's `torch.optim.NAdam` documents it: with `mean` and `square`
/// as in [Adam], and `m(t) = beta1 (1 - 0.96^(0.004 t) / 2)`,
///
/// ```
/// gradient += decay * parameter
/// p = m(1) * .. * m(t)        root = sqrt(square / (1 - beta2^t)) + epsilon
/// parameter -= rate * ((1 - m(t)) / (1 - p) * gradient + m(t + 1) / (1 - p * m(t + 1)) * mean) / root
/// ```
public final class NAdam extends FormulaOptimizer<Adam.Options> {
  private static final double NOTHING = 1e-20; // beside 1

  /// With [Adam.Options#defaults]; PyTorch's rate is 2e-3.
  public NAdam(List<Param> parameters, double learningRate) {
    this(numbered(parameters), learningRate, Adam.Options.defaults());
  }

  /// With options, for named parameters.
  ///
  /// @throws IllegalArgumentException if they ask for AMSGrad
  public NAdam(Map<String, Param> parameters, double learningRate, Adam.Options options) {
    super(parameters, learningRate, requirePlain("NAdam", options), options.decay(), options.buffers());
  }

  @Override
  Formula formula(Update how) {
    double beta1 = options.beta1();
    double beta2 = options.beta2();
    double product = 1;
    for (int t = 1; t <= how.step() && product > NOTHING; t++) {
      product *= momentum(t);
    }
    double next = momentum(how.step() + 1);
    double ofGradient = how.rate() * (1 - momentum(how.step())) / (1 - product);
    double ofMean = how.rate() * next / (1 - product * next);
    double unbias = 1 / (1 - StrictMath.pow(beta2, how.step()));
    return (x, g, memory) -> {
      double gradient = g + how.decay() * x;
      memory[0] = beta1 * memory[0] + (1 - beta1) * gradient;
      memory[1] = beta2 * memory[1] + (1 - beta2) * gradient * gradient;
      return x - (ofGradient * gradient + ofMean * memory[0]) / (Math.sqrt(memory[1] * unbias) + options.epsilon());
    };
  }

  private double momentum(int t) {
    return options.beta1() * (1 - 0.5 * StrictMath.pow(0.96, 0.004 * t));
  }
}

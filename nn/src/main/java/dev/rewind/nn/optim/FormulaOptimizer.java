package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// An optimizer whose formula is written once, in double, for one element: less code and slower than a loop for each
/// dtype. FLOAT32 parameters and buffers are rounded after each step.
abstract class FormulaOptimizer<O extends Record> extends ElementwiseOptimizer {
  final O options;

  /// The new value of an element.
  @FunctionalInterface
  interface Formula {
    /// From the value and its gradient.
    ///
    /// @param memory the places of the element in the buffers, which it changes
    double next(double x, double g, double[] memory);
  }

  FormulaOptimizer(
      Map<String, Param> parameters, double learningRate, O options, double decay, List<String> buffers) {
    super(parameters, learningRate, options, decay, buffers);
    this.options = options;
  }

  /// The formula of a step, with all that is the same for every element.
  abstract Formula formula(Update how);

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    Formula formula = formula(how);
    double[] memory = new double[buffers.length];
    for (int i = from; i < to; i++) {
      for (int k = 0; k < memory.length; k++) {
        memory[k] = buffers[k][i];
      }
      x[i] = (float) formula.next(x[i], how.scale() * g[i], memory);
      for (int k = 0; k < memory.length; k++) {
        buffers[k][i] = (float) memory[k];
      }
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    Formula formula = formula(how);
    double[] memory = new double[buffers.length];
    for (int i = from; i < to; i++) {
      for (int k = 0; k < memory.length; k++) {
        memory[k] = buffers[k][i];
      }
      x[i] = formula.next(x[i], how.scale() * g[i], memory);
      for (int k = 0; k < memory.length; k++) {
        buffers[k][i] = memory[k];
      }
    }
  }

  /// Adam's options without AMSGrad.
  static Adam.Options requirePlain(String optimizer, Adam.Options options) {
    if (options.amsgrad()) {
      throw new IllegalArgumentException("optimizer: " + optimizer + " has no AMSGrad");
    }
    return options;
  }
}

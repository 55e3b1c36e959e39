package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import java.util.List;
import java.util.Map;

/// AdamW (Loshchilov and Hutter 2019), as PyTorch's `torch.optim.AdamW` computes it: first
///
/// ```
/// parameter -= rate * decay * parameter
/// ```
///
/// and then the step of [Adam] without decay, so that how fast weights decay does not depend on their gradients.
public final class AdamW extends ElementwiseOptimizer {
  private final Adam.Options options;

  /// With Adam's usual constants and a decay of 0.01, as PyTorch has it.
  public AdamW(List<Param> parameters, double learningRate) {
    this(parameters, learningRate, Adam.Options.defaults().withDecay(0.01));
  }

  /// With options.
  public AdamW(List<Param> parameters, double learningRate, Adam.Options options) {
    this(numbered(parameters), learningRate, options);
  }

  /// The same for named parameters.
  public AdamW(Map<String, Param> parameters, double learningRate) {
    this(parameters, learningRate, Adam.Options.defaults().withDecay(0.01));
  }

  /// With options, for named parameters.
  public AdamW(Map<String, Param> parameters, double learningRate, Adam.Options options) {
    super(parameters, learningRate, options, options.decay(), options.buffers());
    this.options = options;
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    Adam.update(x, g, buffers, from, to, how, options, 0, how.decay());
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    Adam.update(x, g, buffers, from, to, how, options, 0, how.decay());
  }
}

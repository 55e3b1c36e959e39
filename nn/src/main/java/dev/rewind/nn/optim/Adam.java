package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Parameter;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Adam (Kingma and Ba 2015), as PyTorch's `torch.optim.Adam` computes it: with `m` and `v` the running means of the gradient
/// and of its square,
///
/// ```
/// parameter -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
public final class Adam {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final List<Parameter> parameters;
  private final List<Tensor> means;
  private final List<Tensor> squares;
  private double learningRate;
  private int steps;

  /// For these parameters, with the usual constants: beta 0.9 and 0.999, epsilon 1e-8.
  public Adam(List<Parameter> parameters, double learningRate) {
    this.parameters = List.copyOf(parameters);
    this.means = parameters.stream().map(p -> Tensor.zeros(p.dtype(), p.value().shape())).toList();
    this.squares = parameters.stream().map(p -> Tensor.zeros(p.dtype(), p.value().shape())).toList();
    learningRate(learningRate);
  }

  /// The learning rate.
  public double learningRate() {
    return learningRate;
  }

  /// Sets the learning rate.
  ///
  /// @throws IllegalArgumentException if it is not a finite number of at least 0
  public void learningRate(double rate) {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("Adam: the learning rate must be a finite number of at least 0, not " + rate);
    }
    this.learningRate = rate;
  }

  /// One step, in place; parameters without a gradient stay as they are.
  ///
  /// @throws IllegalArgumentException naming a parameter whose gradient has a NaN or an infinity; nothing is changed then
  public void step(Gradients gradients) {
    for (Parameter parameter : parameters) {
      if (gradients.has(parameter) && !Double.isFinite(gradients.gradient(parameter).values().sumOfSquares())) {
        throw new IllegalArgumentException("Adam: the gradient of " + parameter + " is not finite; nothing was changed");
      }
    }
    steps++;
    double rate = learningRate / (1 - StrictMath.pow(BETA1, steps));
    double scale = 1 / Math.sqrt(1 - StrictMath.pow(BETA2, steps));
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (gradients.has(parameter)) {
        Tensor g = gradients.of(parameter).contiguous();
        update(parameter.value(), g, means.get(i), squares.get(i), rate, scale);
      }
    }
  }

  private static void update(Tensor x, Tensor g, Tensor m, Tensor v, double rate, double scale) {
    if (x.dtype() == DType.FLOAT32) {
      update(x.floatArray(), x.offset(), g.floatArray(), g.offset(), m.floatArray(), v.floatArray(), (float) rate,
          (float) scale);
    } else {
      update(x.doubleArray(), x.offset(), g.doubleArray(), g.offset(), m.doubleArray(), v.doubleArray(), rate, scale);
    }
    x.markChanged();
  }

  private static void update(float[] x, int xo, float[] g, int go, float[] m, float[] v, float rate, float scale) {
    for (int i = 0; i < m.length; i++) {
      float slope = g[go + i];
      m[i] = (float) BETA1 * m[i] + (float) (1 - BETA1) * slope;
      v[i] = (float) BETA2 * v[i] + (float) (1 - BETA2) * slope * slope;
      x[xo + i] -= rate * m[i] / ((float) Math.sqrt(v[i]) * scale + (float) EPSILON);
    }
  }

  private static void update(double[] x, int xo, double[] g, int go, double[] m, double[] v, double rate, double scale) {
    for (int i = 0; i < m.length; i++) {
      double slope = g[go + i];
      m[i] = BETA1 * m[i] + (1 - BETA1) * slope;
      v[i] = BETA2 * v[i] + (1 - BETA2) * slope * slope;
      x[xo + i] -= rate * m[i] / (Math.sqrt(v[i]) * scale + EPSILON);
    }
  }

  /// Copies of all that the next steps depend on, but for the learning rate.
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("steps", Tensor.scalar(steps));
    for (int i = 0; i < parameters.size(); i++) {
      state.put(i + ".mean", means.get(i).copy());
      state.put(i + ".square", squares.get(i).copy());
    }
    return state;
  }

  /// Takes over what [#state] gave.
  ///
  /// @throws IllegalArgumentException if something is missing; shapes are those of the parameters
  public void load(Map<String, Tensor> state) {
    steps = (int) required(state, "steps").item();
    for (int i = 0; i < parameters.size(); i++) {
      means.get(i).assign(required(state, i + ".mean"));
      squares.get(i).assign(required(state, i + ".square"));
    }
  }

  private static Tensor required(Map<String, Tensor> state, String name) {
    Tensor tensor = state.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("Adam: the state lacks '" + name + "'");
    }
    return tensor;
  }
}

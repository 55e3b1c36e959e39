package dev.rewind.nn.optim;

import dev.rewind.nn.names.Names;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// A learning rate that falls where a metric has stopped falling, as PyTorch's and Keras' `ReduceLROnPlateau`. Unlike a
/// [Schedule] it has a state, which is to be saved with the training.
///
/// ```java
/// Plateau plateau = new Plateau(1e-3, 0.5, 3);
/// optimizer.learningRate(plateau.after(validationLoss));   // after each validation
/// ```
///
/// A metric that is to rise is given negated. One that is NaN is no better than the best.
public final class Plateau {
  private static final double BETTER = 1e-4; // of the best so far: PyTorch's threshold

  private final double factor;
  private final int patience;
  private double rate;
  private double best = Double.POSITIVE_INFINITY;
  private int worse; // metrics in a row that were not better

  /// A rate to begin with, that is multiplied by `factor` after more than `patience` metrics in a row of which none was
  /// lower than the best by 1e-4 of that.
  ///
  /// @param factor in `(0, 1)`
  /// @param patience at least 0
  /// @throws IllegalArgumentException if one is out of range
  public Plateau(double rate, double factor, int patience) {
    ElementwiseOptimizer.requireRange("the learning rate", rate, Double.POSITIVE_INFINITY);
    if (!(factor > 0 && factor < 1) || patience < 0) {
      throw new IllegalArgumentException(
          "plateau: wants a factor in (0, 1) and a patience of at least 0, not " + factor + " and " + patience);
    }
    this.rate = rate;
    this.factor = factor;
    this.patience = patience;
  }

  /// The learning rate after another metric.
  public double after(double metric) {
    boolean better = best == Double.POSITIVE_INFINITY ? metric < best : metric < best - BETTER * Math.abs(best);
    best = better ? metric : best;
    worse = better ? 0 : worse + 1;
    if (worse > patience) {
      rate *= factor;
      worse = 0;
    }
    return rate;
  }

  /// Everything that the next rates depend on but the options.
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("rate", Tensor.scalar(rate));
    state.put("best", Tensor.scalar(best));
    state.put("worse", Tensor.scalar(worse));
    return state;
  }

  /// Continues from what [#state] returned.
  ///
  /// @throws IllegalArgumentException naming everything that is missing, left over, or of another shape or dtype
  public void load(Map<String, Tensor> state) {
    Names.requireLike("load: the plateau", state(), state, " is unknown");
    rate = state.get("rate").item();
    best = state.get("best").item();
    worse = (int) state.get("worse").item();
  }
}

package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Averages of parameters over the steps of a training, which often judge better than the last values.
///
/// ```java
/// WeightAverage average = WeightAverage.exponential(model.namedParameters(), 0.999);
/// optimizer.step(gradients);
/// average.update();                    // after each step
/// average.swap();                      // the model has the averages: evaluate or save it
/// average.swap();                      // and its own values again: go on
/// ```
///
/// The first update takes the values as they are; every other one is `average += part * (value - average)`. Averages
/// have the dtype of the parameters.
public final class WeightAverage {
  private static final String UPDATES = "updates";

  private final Map<String, Param> parameters;
  private final Map<String, Tensor> averages = new LinkedHashMap<>();
  private final double decay; // 1: all count alike
  private int updates;
  private boolean swapped;

  private WeightAverage(Map<String, Param> parameters, double decay) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.decay = decay;
    parameters.forEach((name, parameter) -> averages.put(name, parameter.value().copy()));
  }

  /// An average in which a step counts `decay` times as much as the next one: `part = 1 - decay` (Polyak and Juditsky
  /// 1992; PyTorch's `get_ema_multi_avg_fn`). It reaches back some `1 / (1 - decay)` steps.
  ///
  /// @throws IllegalArgumentException if the decay is not in `[0, 1)`
  public static WeightAverage exponential(Map<String, Param> parameters, double decay) {
    return new WeightAverage(parameters, ElementwiseOptimizer.requireRange("the decay of the average", decay, 1));
  }

  /// The mean of all values from the first update on, such as one after each of the last epochs: `part = 1 / n` at the
  /// n-th update (Izmailov et al. 2018, stochastic weight averaging; PyTorch's `AveragedModel`).
  public static WeightAverage tail(Map<String, Param> parameters) {
    return new WeightAverage(parameters, 1);
  }

  /// Takes the present values in.
  ///
  /// @throws IllegalStateException if the parameters have the averages, by [#swap]
  public void update() {
    if (swapped) {
      throw new IllegalStateException("update: the parameters have the averages; swap() them back first");
    }
    updates++;
    double part = updates == 1 ? 1 : decay == 1 ? 1.0 / updates : 1 - decay;
    averages.forEach((name, average) -> {
      Tensor value = parameters.get(name).value();
      average.assign(updates == 1 ? value : average.plus(value.minus(average).times(part)));
    });
  }

  /// Exchanges the averages with the values of the parameters; another call exchanges them back.
  public void swap() {
    swapped = !swapped;
    averages.forEach((name, average) -> {
      Tensor value = parameters.get(name).value().copy();
      parameters.get(name).value().assign(average);
      average.assign(value);
    });
  }

  /// Copies of the averages by the names of the parameters, as a file of weights or a `load` of a model wants them.
  public Map<String, Tensor> values() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    averages.forEach((name, average) -> copies.put(name, average.copy()));
    return copies;
  }

  /// Everything that the next updates depend on: [#values], and the number of updates under `updates`.
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = values();
    state.put(UPDATES, Tensor.scalar(updates));
    return state;
  }

  /// Continues from what [#state] returned. Nothing is changed unless everything fits.
  ///
  /// @throws IllegalArgumentException naming everything that is missing, left over, or of another shape or dtype
  public void load(Map<String, Tensor> state) {
    Names.requireLike("load: the average", state(), state, " is unknown");
    averages.forEach((name, average) -> average.assign(state.get(name)));
    updates = (int) state.get(UPDATES).item();
  }
}

package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradients;
import dev.rewind.tensor.Tensor;
import java.util.Map;

/// Changes parameters, in place, so that a loss becomes smaller. A step needs the parameters alone: no other thread may
/// read them meanwhile.
public interface Optimizer {
  /// One step; parameters without a gradient stay as they are. Where several optimizers share a model, each gets its
  /// part of the gradients, by [Gradients#only].
  ///
  /// @throws NotFiniteException and then nothing changes: naming a parameter whose gradient has a NaN or an infinity,
  ///     or is so large that the step would overflow
  /// @throws IllegalArgumentException and then nothing changes: naming parameters that have a gradient, are not this
  ///     optimizer's and are not frozen
  void step(Gradients gradients);

  /// The learning rate.
  double learningRate();

  /// Sets the learning rate of the next steps.
  ///
  /// @throws IllegalArgumentException if it is not a finite number of at least 0
  void learningRate(double rate);

  /// Copies of everything that the next steps depend on, except the learning rate and the other options.
  Map<String, Tensor> state();

  /// Loads what [#state] returned. Nothing is changed unless everything fits.
  ///
  /// @throws IllegalArgumentException naming everything that is missing, left over, or of another shape or dtype
  void load(Map<String, Tensor> state);
}

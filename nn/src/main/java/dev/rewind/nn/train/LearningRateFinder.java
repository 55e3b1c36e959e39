package dev.rewind.nn.train;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.optim.NotFiniteException;
import dev.rewind.nn.optim.Optimizer;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Finds a learning rate to start with, by a short training in which the rate rises exponentially from a value that is
/// too low to one that is too high (Smith 2015, "Cyclical Learning Rates for Training Neural Networks"). Afterwards,
/// model and optimizer are what they were before.
///
/// ```java
/// LearningRateFinder.Curve curve = new LearningRateFinder(1e-5, 1, 100)
///     .run(adam, Rng.of(1), g -> g.clipByNorm(5), (tape, step) -> loss(tape, batches.get(step)));
/// adam.learningRate(curve.suggestion());
/// ```
///
/// @param lowest the first rate
/// @param highest the last rate
/// @param steps how many steps there are, at least 10; the loss takes a batch of training data for each
public record LearningRateFinder(double lowest, double highest, int steps) {
  private static final double SMOOTHING = 0.9; // the weight of the mean before; of 10 steps a third is left
  private static final double DIVERGED = 3; // how far above the best loss, in units of that

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException naming those that are out of range
  public LearningRateFinder {
    if (!(0 < lowest && lowest < highest && highest < Double.POSITIVE_INFINITY) || steps < 10) {
      throw new IllegalArgumentException("learning rate finder: wants 0 < lowest < highest and at least 10 steps, not "
          + lowest + ", " + highest + " and " + steps);
    }
  }

  /// The result of one step.
  ///
  /// @param rate the learning rate
  /// @param loss that of the batch, before the step
  /// @param smoothed the exponential moving average of the losses up to here, corrected for its bias toward 0
  public record Point(double rate, double loss, double smoothed) {}

  /// Loss against learning rate.
  ///
  /// @param points one for each step until the end, or until the training diverged; a loss of NaN is the last
  public record Curve(List<Point> points) {
    /// Copies the list.
    public Curve {
      points = List.copyOf(points);
    }

    /// The rate at which the smoothed loss falls most steeply over the logarithm of the rate. The first tenth of the
    /// steps does not count, since the mean of few losses is noisy.
    ///
    /// @throws IllegalStateException if the loss never fell
    public double suggestion() {
      int best = 0;
      double steepest = 0;
      for (int k = Math.max(1, points.size() / 10); k < points.size() - 1; k++) {
        double change = points.get(k + 1).smoothed - points.get(k - 1).smoothed;
        if (change < steepest) {
          steepest = change;
          best = k;
        }
      }
      if (best == 0) {
        throw new IllegalStateException("learning rate finder: the loss never fell in " + points.size() + " steps"
            + (points.isEmpty() ? "" : " from a rate of " + points.getFirst().rate + ", and was "
                + points.getLast().loss + " at " + points.getLast().rate)
            + "; begin lower, or take more steps");
      }
      return points.get(best).rate;
    }

    /// Comma-separated values: a header, then rate, loss and smoothed loss of each point.
    @Override
    public String toString() {
      StringBuilder lines = new StringBuilder("rate,loss,smoothed\n");
      points.forEach(p -> lines.append(String.format(Locale.ROOT, "%.6e,%.6f,%.6f\n", p.rate, p.loss, p.smoothed)));
      return lines.toString();
    }
  }

  /// Trains as above without clipping; see [#run(Optimizer, Rng, UnaryOperator, Trainer.LossFunction)].
  public Curve run(Optimizer optimizer, Rng rng, Trainer.LossFunction<Integer> loss) {
    return run(optimizer, rng, gradients -> gradients, loss);
  }

  /// Trains for some steps, and puts parameters, state of the optimizer and learning rate back as they were, also if
  /// the loss throws. It ends early when the smoothed loss is more than four times the least one or not finite, or a
  /// step is refused because a gradient is not finite.
  ///
  /// @param rng for dropout and the like; each step has a stream of its own
  /// @param clipping applied to the gradients before each step
  /// @param loss of a step, counted from 0
  /// @throws DivergedException if the very first loss is not finite, which has nothing to do with the rate
  public Curve run(Optimizer optimizer, Rng rng, UnaryOperator<Gradients> clipping,
      Trainer.LossFunction<Integer> loss) {
    Map<Param, Tensor> values = new LinkedHashMap<>(); // before the first step that may move them
    Map<String, Tensor> state = optimizer.state();
    double rate = optimizer.learningRate();
    try {
      return new Curve(sweep(optimizer, rng, clipping, loss, values));
    } finally {
      values.forEach((parameter, value) -> parameter.value().assign(value));
      optimizer.load(state);
      optimizer.learningRate(rate);
    }
  }

  private List<Point> sweep(Optimizer optimizer, Rng rng, UnaryOperator<Gradients> clipping,
      Trainer.LossFunction<Integer> loss, Map<Param, Tensor> values) {
    List<Point> points = new ArrayList<>();
    double mean = 0;
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < steps; i++) {
      double rate = lowest * Math.pow(highest / lowest, i / (steps - 1.0));
      try (Tape tape = Tape.training(rng.split(i))) {
        Variable target = Trainer.loss(loss, tape, i);
        if (i == 0 && !Double.isFinite(target.item())) {
          throw new DivergedException(1, "learning rate finder: the loss is " + target.item()
              + " before the first step, whatever the rate", null);
        }
        mean = SMOOTHING * mean + (1 - SMOOTHING) * target.item();
        double smoothed = mean / (1 - Math.pow(SMOOTHING, i + 1));
        if (smoothed > best + DIVERGED * Math.abs(best)) {
          break;
        }
        points.add(new Point(rate, target.item(), smoothed));
        if (!Double.isFinite(smoothed)) {
          break;
        }
        best = Math.min(best, smoothed);
        Gradients gradients = clipping.apply(tape.gradients(target));
        gradients.parameters().forEach(one -> values.computeIfAbsent(one, _ -> one.value().copy()));
        optimizer.learningRate(rate);
        optimizer.step(gradients);
      } catch (NotFiniteException e) {
        if (i == 0) {
          throw e; // not for the rate
        }
        break;
      }
    }
    return points;
  }
}

package dev.rewind.nn.optim;

/// A learning rate as a function of the iteration, counted from 0. It holds no state, so nothing of it needs saving:
///
/// ```java
/// Schedule schedule = Schedule.cosine(2e-3, 1e-4, 10_000).afterWarmUp(200);
/// optimizer.learningRate(schedule.at(iteration));
/// ```
@FunctionalInterface
public interface Schedule {
  /// The learning rate of an iteration.
  double at(long iteration);

  /// Always the same.
  static Schedule constant(double rate) {
    return iteration -> rate;
  }

  /// `rate * factor^iteration`.
  static Schedule exponential(double rate, double factor) {
    return iteration -> rate * StrictMath.pow(factor, iteration);
  }

  /// `rate`, multiplied by `factor` once every `every` iterations.
  ///
  /// @throws IllegalArgumentException if `every` is less than 1
  static Schedule step(double rate, double factor, long every) {
    requirePositive("step", every);
    return iteration -> {
      long steps = iteration / every;
      return rate * StrictMath.pow(factor, steps);
    };
  }

  /// Half a cosine wave from `first` down to `last` over a number of iterations, then `last` (Loshchilov and
  /// Hutter 2017, without restarts).
  ///
  /// @throws IllegalArgumentException if `iterations` is less than 1
  static Schedule cosine(double first, double last, long iterations) {
    requirePositive("cosine", iterations);
    return iteration -> iteration >= iterations
        ? last
        : last + (first - last) * (1 + StrictMath.cos(Math.PI * iteration / iterations)) / 2;
  }

  /// Up and down once (Smith and Topin 2018), as PyTorch's `OneCycleLR`: half a wave of the cosine from `most / 25` up
  /// to `most` in the first 0.3 of the iterations, and one down to `most / 250000` in the others.
  ///
  /// @throws IllegalArgumentException if `iterations` is less than 4
  static Schedule oneCycle(double most, long iterations) {
    if (iterations < 4) {
      throw new IllegalArgumentException("oneCycle: needs at least 4 iterations, not " + iterations);
    }
    double top = 0.3 * iterations - 1;
    double first = most / 25;
    double last = first / 10_000;
    return iteration -> iteration <= top ? wave(first, most, iteration / top)
        : wave(most, last, Math.min(1, (iteration - top) / (iterations - 1 - top)));
  }

  /// Between `first` and `last`, along half a wave of the cosine.
  private static double wave(double first, double last, double part) {
    return last + (first - last) * (1 + StrictMath.cos(Math.PI * part)) / 2;
  }

  /// This schedule, multiplied in its first `iterations` by a factor that rises linearly from `1 / iterations` to 1.
  ///
  /// @throws IllegalArgumentException if `iterations` is less than 1
  default Schedule afterWarmUp(long iterations) {
    requirePositive("afterWarmUp", iterations);
    return iteration -> iteration + 1 >= iterations ? at(iteration) : at(iteration) * (iteration + 1) / iterations;
  }

  /// This schedule before iteration `from`, then another one, which counts from 0 there.
  ///
  /// @throws IllegalArgumentException if `from` is less than 1
  default Schedule then(long from, Schedule next) {
    requirePositive("then", from);
    return iteration -> iteration < from ? at(iteration) : next.at(iteration - from);
  }

  private static void requirePositive(String what, long iterations) {
    if (iterations < 1) {
      throw new IllegalArgumentException(what + ": needs at least 1 iteration, not " + iterations);
    }
  }
}

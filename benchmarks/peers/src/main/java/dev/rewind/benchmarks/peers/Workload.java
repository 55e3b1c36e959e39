package dev.rewind.benchmarks.peers;

import java.util.stream.DoubleStream;

/// One side of a case.
interface Workload {
  /// The first results, which must be those of the other side, to rounding: losses of the first three steps (so
  /// weights, loss and optimizer are the same), symbols and logits, elements of a product, a gradient.
  double[] check();

  /// Does the task once, with as many repetitions as the case has.
  ///
  /// @return nanoseconds
  long run();

  /// A training, of which one step is timed.
  interface Training extends Workload {
    /// One step; its loss.
    double step();

    @Override
    default double[] check() {
      return DoubleStream.generate(this::step).limit(3).toArray();
    }

    @Override
    default long run() {
      return Workload.time(this::step);
    }
  }

  /// Something to be timed as a whole.
  static long time(Runnable task) {
    long begin = System.nanoTime();
    task.run();
    return System.nanoTime() - begin;
  }
}

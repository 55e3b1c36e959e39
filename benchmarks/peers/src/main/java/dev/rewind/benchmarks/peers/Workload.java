package dev.rewind.benchmarks.peers;

/// One side of a case.
interface Workload {
  /// The first results, which must be those of the other side, to rounding: losses of the first three steps (so
  /// weights, loss and optimizer are the same), symbols and logits, elements of a product, a gradient.
  double[] check();

  /// Does the task once, with as many repetitions as the case has.
  ///
  /// @return nanoseconds
  long run();

  /// Something to be timed as a whole.
  static long time(Runnable task) {
    long begin = System.nanoTime();
    task.run();
    return System.nanoTime() - begin;
  }
}

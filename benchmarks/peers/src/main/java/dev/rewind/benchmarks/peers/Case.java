package dev.rewind.benchmarks.peers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What is compared.
enum Case {
  TRAIN_SMALL("training, small", new Task.Training(2, 128, 50, 50, true)), //
  TRAIN_LARGE("training, large", new Task.Training(2, 512, 50, 50, true)), //
  TRAIN_TUTORIAL("training, tutorial", new Task.Training(3, 100, 32, 30, true)), //
  CELL_SMALL("custom cell, small", new Task.Training(2, 128, 50, 50, false)), //
  CELL_TUTORIAL("custom cell, tutorial", new Task.Training(3, 100, 32, 30, false)), //
  LAYER_LSTM("layer, LSTM", new Task.Layer(Task.Layer.Kind.LSTM, 128, 32, 32)), //
  LAYER_GRU("layer, GRU", new Task.Layer(Task.Layer.Kind.GRU, 128, 32, 32)), //
  LAYER_RNN("layer, RNN", new Task.Layer(Task.Layer.Kind.RNN, 128, 32, 32)), //
  SAMPLE_128("sampling, H = 128", new Task.Sampling(2, 128)), //
  SAMPLE_512("sampling, H = 512", new Task.Sampling(2, 512)), //
  PRODUCT_THIN("product, thin", new Task.Product(50, 128, 512)), //
  PRODUCT_WIDE("product, wide", new Task.Product(2500, 512, 2048)), //
  RECORD("recorded operation", new Task.Chain(1000, false)), //
  RECORD_GRADIENT("... its gradient", new Task.Chain(1000, true)), //
  RECORD_MILLION("recorded operation, of a million", new Task.Chain(1_000_000, false)), //
  RECORD_MILLION_GRADIENT("... its gradient", new Task.Chain(1_000_000, true));

  private final String title;
  private final Task task;

  Case(String title, Task task) {
    this.title = title;
    this.task = task;
  }

  String title() {
    return title;
  }

  Task task() {
    return task;
  }

  /// The name on the command line.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The case of that label.
  ///
  /// @throws IllegalArgumentException naming the cases that there are
  static Case of(String label) {
    return Arrays.stream(values()).filter(c -> c.label().equals(label)).findFirst().orElseThrow(
        () -> new IllegalArgumentException("there is no case '" + label + "'; there are "
            + Arrays.stream(values()).map(Case::label).collect(Collectors.joining(", "))));
  }

  /// The options for Rewind's memory: those of the char-RNN's launcher where it does the same. Young generations are
  /// bounded, because memory that was never touched is slow; they hold what a step needs.
  List<String> collector() {
    return task instanceof Task.Training training && training.fused()
        ? List.of("-XX:+UseSerialGC", "-Xmn112m", "-XX:SurvivorRatio=2")
        : List.of("-XX:+UseParallelGC", "-Xmn512m");
  }

  /// How many of the things counted by [#unit] a timed run of the workload does. Short things are done several times,
  /// so that the clock does not count.
  int repeats() {
    return switch (task) {
      case Task.Training _,Task.Layer _ -> 1;
      case Task.Sampling _ -> 50;
      case Task.Product product -> (int) Math.max(1, 100_000_000 / product.flops());
      case Task.Chain chain -> chain.length();
    };
  }

  /// Whose time is reported: a step, a symbol, a product, an operation.
  Unit unit() {
    return switch (task) {
      case Task.Training _ -> new Unit("ms a step", 1e6);
      case Task.Layer _ -> new Unit("ms both ways", 1e6);
      case Task.Sampling _ -> new Unit("µs a symbol", 1e3);
      case Task.Product _ -> new Unit("µs a product", 1e3);
      case Task.Chain _ -> new Unit("ns an operation", 1);
    };
  }

  /// A unit of time.
  ///
  /// @param name of the time and of what takes it
  /// @param nanoseconds in it
  record Unit(String name, double nanoseconds) {}

  /// What a time of so many nanoseconds means as a speed; empty where that would say no more.
  String rate(double nanoseconds) {
    return switch (task) {
      case Task.Training training ->
        String.format(Locale.ROOT, "%,.0f char/s", training.batch() * training.steps() / nanoseconds * 1e9);
      case Task.Sampling _ -> String.format(Locale.ROOT, "%,.0f char/s", 1e9 / nanoseconds);
      case Task.Product product ->
        String.format(Locale.ROOT, "%.0f GFLOP/s", product.flops() / nanoseconds);
      case Task.Layer _,Task.Chain _ -> "";
    };
  }
}

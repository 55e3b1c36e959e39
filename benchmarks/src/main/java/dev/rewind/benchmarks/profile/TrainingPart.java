package dev.rewind.benchmarks.profile;

import dev.rewind.benchmarks.TrainingSizes;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The parts of a training step: at which methods a sample of the stack belongs to each, and what it must do.
sealed interface TrainingPart {
  /// What the report calls it.
  String name();

  /// Methods as `package.Type.method` below `dev.rewind`, of which one must be on the stack; `*` is any method of a
  /// type.
  List<String> places();

  /// What has to be computed.
  ///
  /// @param flops operations: two for a fused multiply-add, and for any other instruction in its place
  /// @param bytes of the arrays read and written, each once
  record Computation(String name, List<String> places, ToDoubleFunction<TrainingSizes> flops,
      ToDoubleFunction<TrainingSizes> bytes) implements TrainingPart {}

  /// What a better program would not do: its bound is nothing.
  record Overhead(String name, List<String> places) implements TrainingPart {}

  /// Where neither of these is known.
  TrainingPart OTHER = new Overhead("other", List.of());

  /// Sought first, wherever on the stack, since computations call them.
  List<TrainingPart> OVERHEADS = List.of(
      new Overhead("packing and transposing",
          List.of("tensor.kernel.product.Packing.*", "tensor.kernel.product.VectorMatrixKernels.repack",
              "tensor.kernel.product.FloatMatrices.pack",
              "tensor.Transposition.*", "nn.fused.FusedWeights.*")),
      new Overhead("fresh memory", List.of("tensor.Storage.allocate")),
      new Overhead("handing out work, spinning", List.of("tensor.kernel.thread.ThreadPool$Job.await",
          "tensor.kernel.thread.ThreadPool$Helper.wake", "tensor.kernel.thread.ThreadPool$Helper.run")));

  /// Of the fused char-RNN, in the order of a step; the first that fits counts. The letters are those of
  /// [TrainingSizes], N is B * T.
  List<TrainingPart> FUSED = List.of(
      new Computation("folded embedding", List.of("nn.cells.LstmCell.prepare"),
          s -> s.isFolded() ? 2 * table(s) : 0, s -> s.isFolded() ? 4 * (5 * vocabulary(s) + gates(s)) : 0),
      new Computation("recurrent products", List.of("nn.fused.FusedSequence.addState"),
          s -> s.layers() * 2 * product(s), s -> s.layers() * 4 * (9 * units(s) + gates(s))),
      new Computation("point-wise", List.of("nn.fused.FusedSequence.step"),
          s -> s.layers() * 208 * units(s), s -> s.layers() * 4 * 13 * units(s)),
      new Computation("inputs: brought together, products", List.of("nn.fused.FusedSequence.forward"),
          s -> s.vectorLayers() * 2 * product(s),
          s -> s.vectorLayers() * 4 * (6 * units(s) + gates(s)) + (s.layers() - s.vectorLayers()) * 4 * 8 * units(s)),
      projection(), loss(),
      new Computation("back: left factors of projection and folded embedding",
          List.of("autograd.GradientAccumulator.addMatmul"), s -> 2 * (projection(s) + (s.isFolded() ? table(s) : 0)),
          s -> 4 * (logits(s) + vocabulary(s) + units(s) + (s.isFolded() ? 5 * vocabulary(s) + gates(s) : 0))),
      new Computation("back: weights of projection and folded embedding",
          List.of("autograd.DeferredProducts.addTo"), s -> 2 * (projection(s) + (s.isFolded() ? table(s) : 0)),
          s -> 4 * (logits(s) + vocabulary(s) + units(s) + (s.isFolded() ? 5 * vocabulary(s) + gates(s) : 0))),
      new Computation("back: biases", List.of("autograd.BackwardPass.unbroadcast"),
          s -> logits(s) * 2, s -> 4 * (logits(s) + (s.isFolded() ? 4 * vocabulary(s) : 0))),
      new Computation("back: rows of the embedding", List.of("nn.fused.FusedSequence.tableGradient"),
          s -> s.isFolded() ? 2 * 4 * units(s) : 0, s -> s.isFolded() ? 4 * (4 * units(s) + 4 * vocabulary(s)) : 0),
      new Computation("back: weights of the layers", List.of("nn.fused.FusedSequence.weightGradients"),
          s -> (s.layers() + s.vectorLayers()) * 2 * product(s),
          s -> 4
              * (s.layers() * 5 * units(s) + s.vectorLayers() * units(s) + (s.layers() + s.vectorLayers()) * gates(s))),
      new Computation("back: point-wise", List.of("nn.fused.FusedSequence.differentiate"),
          s -> s.layers() * 44 * units(s), s -> s.layers() * 4 * 11 * units(s)),
      new Computation("back: input products", List.of("nn.fused.FusedSequence.toInputs"),
          s -> s.vectorLayers() * 2 * product(s), s -> s.vectorLayers() * 4 * (5 * units(s) + gates(s))),
      new Computation("back: recurrent products", List.of("nn.fused.FusedSequence.backward"),
          s -> s.layers() * 2 * product(s), s -> s.layers() * 4 * (4 * units(s) + gates(s))),
      norm(), optimizer(), new Overhead("tape and all else of a step", List.of("nn.train.Trainer.step")));

  /// The same of an LSTM of primitive operations, [dev.rewind.benchmarks.CustomCellBenchmark]. Its element-wise
  /// operations each read and write whole arrays: 34 elements for a unit of the forward pass, 47 of the backward pass.
  List<TrainingPart> CUSTOM = List.of(
      projection(), loss(),
      new Computation("steps: element by element, both ways", List.of("tensor.RowInstruction.map"),
          s -> s.layers() * (208 + 44) * units(s), s -> s.layers() * 4 * (34 + 47) * units(s)),
      new Computation("steps: products, both ways", List.of("tensor.RowInstruction.run"),
          s -> s.layers() * 4 * product(s), s -> s.layers() * 4 * (13 * units(s) + 2 * gates(s))),
      new Overhead("steps: not told apart", List.of("tensor.RowFusion.run")),
      new Overhead("steps: deferring operations", List.of("tensor.RowFusion.defers", "tensor.RowFusion.add")),
      new Computation("inputs: products", List.of("tensor.Products.collapsed"),
          s -> s.layers() * 2 * product(s), s -> s.layers() * 4 * (5 * units(s) + gates(s))),
      new Computation("back: weights", List.of("autograd.DeferredProducts.addTo"),
          s -> 2 * projection(s) + s.layers() * 4 * product(s),
          s -> 4 * (logits(s) + vocabulary(s) + units(s) + s.layers() * (10 * units(s) + 2 * gates(s)))),
      new Computation("back: input products", List.of("autograd.GradientAccumulator.addMatmul"),
          s -> 2 * projection(s) + s.layers() * 2 * product(s),
          s -> 4 * (logits(s) + vocabulary(s) + units(s) + s.layers() * (5 * units(s) + gates(s)))),
      new Computation("back: biases", List.of("autograd.BackwardPass.unbroadcast"),
          s -> logits(s) + s.layers() * 4 * units(s), s -> 4 * (logits(s) + s.layers() * 4 * units(s))),
      new Computation("embedding and its gradient", List.of("tensor.Indexing.*"),
          TrainingPart::units, s -> 4 * (5 * units(s) + 2 * vocabulary(s))),
      norm(), optimizer(),
      new Overhead("copies: outputs together, inputs by steps", List.of("tensor.Elementwise.copy")),
      new Overhead("tape and all else of a step", List.of("benchmarks.CustomCellBenchmark.step")));

  private static TrainingPart projection() {
    return new Computation("projection", List.of("nn.Linear.forward"),
        s -> 2 * projection(s), s -> 4 * (units(s) + vocabulary(s) + logits(s)));
  }

  private static TrainingPart loss() {
    return new Computation("loss", List.of("nn.Losses.*", "nn.fused.SoftmaxCrossEntropy.*"),
        s -> 52 * logits(s), s -> 4 * 2 * logits(s));
  }

  private static TrainingPart norm() {
    return new Computation("norm for clipping", List.of("autograd.Gradients$Norm.*"),
        s -> 2 * s.parameters(), s -> 4 * s.parameters());
  }

  private static TrainingPart optimizer() {
    return new Computation("optimizer", List.of("nn.optim.Adam.*", "nn.optim.ElementwiseOptimizer.*"),
        s -> 24 * s.parameters(), s -> 28 * s.parameters());
  }

  private static double units(TrainingSizes s) {
    return (double) s.positions() * s.hidden();
  }

  private static double logits(TrainingSizes s) {
    return (double) s.positions() * s.symbols();
  }

  private static double vocabulary(TrainingSizes s) {
    return (double) s.symbols() * s.hidden();
  }

  private static double gates(TrainingSizes s) {
    return 4.0 * s.hidden() * s.hidden();
  }

  /// Multiply-adds of `[N, H] by [H, 4 H]`.
  private static double product(TrainingSizes s) {
    return s.positions() * gates(s);
  }

  /// Multiply-adds of `[N, H] by [H, V]`.
  private static double projection(TrainingSizes s) {
    return units(s) * s.symbols();
  }

  /// Multiply-adds of `[V, H] by [H, 4 H]`.
  private static double table(TrainingSizes s) {
    return s.symbols() * gates(s);
  }

  /// All parts in the order of the report.
  ///
  /// @param step [#FUSED] or [#CUSTOM]
  static List<TrainingPart> all(List<TrainingPart> step) {
    return Stream.of(step, OVERHEADS, List.of(OTHER)).flatMap(List::stream).toList();
  }

  /// The part to which a stack belongs, or null.
  ///
  /// @param step [#FUSED] or [#CUSTOM]
  /// @param stack methods as in [#places]
  static TrainingPart of(List<TrainingPart> step, List<String> stack) {
    return Stream.concat(OVERHEADS.stream(), step.stream())
        .filter(part -> part.places().stream().anyMatch(place -> isOn(stack, place))).findFirst().orElse(null);
  }

  private static boolean isOn(List<String> stack, String place) {
    return place.endsWith(".*")
        ? stack.stream().anyMatch(frame -> typeOf(frame).equals(typeOf(place)))
        : stack.contains(place);
  }

  private static String typeOf(String place) {
    return place.substring(0, place.lastIndexOf('.'));
  }

  /// Places that name no method of today.
  static List<String> stalePlaces() {
    return Stream.concat(all(FUSED).stream(), CUSTOM.stream()).flatMap(part -> part.places().stream())
        .filter(place -> !exists(place)).toList();
  }

  /// Whether there is such a method, or such a type for `*`.
  static boolean exists(String place) {
    String method = place.substring(place.lastIndexOf('.') + 1);
    try {
      Class<?> type = Class.forName("dev.rewind." + typeOf(place), false, TrainingPart.class.getClassLoader());
      return method.equals("*")
          || Arrays.stream(type.getDeclaredMethods()).map(Method::getName).anyMatch(method::equals);
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}

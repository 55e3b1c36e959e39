package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import dev.rewind.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Fused layers against the steps of their cells, which an observer asks for.
class FusedLayersTest {
  private static final TapeOptions FUSED = TapeOptions.defaults();
  private static final TapeOptions STEPS = TapeOptions.defaults().withObserver((name, value) -> {});

  private static Tensor normal(String what, int... sizes) {
    return Tensor.normal(Rng.of(1).split(what), DType.FLOAT32, 0, 1, sizes);
  }

  private static Cell<?> cell(FusedKind kind, int inputs, int hidden) {
    return switch (kind) {
      case LSTM -> new LstmCell(inputs, hidden, Rng.of(2));
      case GRU -> new GruCell(inputs, hidden, Rng.of(2));
      case TANH -> new RnnCell(inputs, hidden, Rng.of(2));
      case RELU -> new RnnCell(inputs, hidden, RnnCell.Nonlinearity.RELU, Rng.of(2));
    };
  }

  private static int[] full(int batch, int steps) {
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    return lengths;
  }

  /// Outputs, last state, and the gradients of inputs, first state and parameters of a loss that uses all of them.
  private static <S extends State<S>> List<Tensor> results(TapeOptions options, Cell<S> cell, Tensor x, int[] lengths) {
    int batch = x.size(0);
    try (Tape tape = Tape.recording(options)) {
      Variable inputs = tape.watch(x);
      List<Variable> leaves = new ArrayList<>();
      S zeros = cell.initialState(tape, batch);
      zeros.names().forEach(name -> leaves.add(tape.watch(normal(name, batch, cell.outputSize()))));
      Scanned<S> run = Recurrence.scan(cell, inputs, zeros.withLeaves(leaves), lengths);
      List<Variable> all = new ArrayList<>(List.of(run.outputs()));
      all.addAll(run.state().leaves());
      Variable loss = null;
      for (Variable y : all) {
        Variable term = y.times(tape.constant(normal("weight" + y.rank(), y.shape().sizes()))).sum();
        loss = loss == null ? term : loss.plus(term);
      }
      List<Tensor> results = new ArrayList<>(all.stream().map(Variable::value).toList());
      Gradients gradients = tape.gradients(loss);
      results.add(gradients.has(inputs) ? gradients.of(inputs) : Tensor.zeros(DType.FLOAT32, x.shape()));
      leaves.forEach(leaf -> results.add(gradients.of(leaf)));
      ((Block) cell).parameters().forEach((Param p) -> results.add(gradients.ofOrZero(p)));
      return results;
    }
  }

  private static void assertClose(List<Tensor> fused, List<Tensor> composite) {
    assertThat(fused).hasSameSizeAs(composite);
    for (int i = 0; i < fused.size(); i++) {
      assertThat(fused.get(i).allClose(composite.get(i), 1e-4, 2e-5))
          .overridingErrorMessage(
              "result %d: %s", i, fused.get(i).describeDifference(composite.get(i), 1e-4, 2e-5))
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "1, 7, 3, 5", "2, 1, 17, 16", "5, 2, 4, 33", "6, 4, 33, 15", "7, 1, 2, 17", "50, 3, 20, 48",
      "13, 9, 1, 64", "6, 2, 3, 49", "2, 2, 5, 300"})
  void equalTheStepsOfTheCell(int batch, int steps, int inputs, int hidden) {
    for (FusedKind kind : FusedKind.values()) {
      Cell<?> cell = cell(kind, inputs, hidden);
      int[] lengths = full(batch, steps);
      Tensor x = normal("x", batch, steps, inputs);
      assertClose(results(FUSED, cell, x, lengths), results(STEPS, cell, x, lengths));
      Tensor transposed = normal("x", steps, batch, inputs).transpose(0, 1);
      assertClose(results(FUSED, cell, transposed, lengths), results(STEPS, cell, transposed, lengths));
    }
  }

  @ParameterizedTest
  @EnumSource
  void paddingMayBeAnything(FusedKind kind) {
    int[] lengths = {3, 0, 1, 5, 0, 2};
    Tensor x = normal("x", 6, 5, 4);
    for (int b = 0; b < 6; b++) {
      x.select(0, b).slice(0, lengths[b], 5).fill(Float.NaN);
    }
    Cell<?> cell = cell(kind, 4, 17);
    List<Tensor> fused = results(FUSED, cell, x, lengths);
    assertClose(fused, results(STEPS, cell, x, lengths));
    assertThat(fused.getFirst().select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT32, 5, 17));
    assertClose(results(FUSED, cell, x, new int[6]), results(STEPS, cell, x, new int[6])); // no step at all
  }

  @ParameterizedTest
  @EnumSource
  void bitsDependNeitherOnThreadsNorOnNeighboursInTheBatch(FusedKind kind) {
    Cell<?> cell = cell(kind, 20, 24);
    Tensor x = normal("x", 11, 6, 20);
    int[] lengths = full(11, 6);
    lengths[2] = 4;
    int before = Threads.count();
    try {
      Threads.resize(1);
      List<Tensor> one = results(FUSED, cell, x, lengths);
      Threads.resize(3);
      assertThat(results(FUSED, cell, x, lengths)).isEqualTo(one);
    } finally {
      Threads.resize(before);
    }
    assertThat(outputs(cell, x.slice(0, 4, 5))).isEqualTo(outputs(cell, x).slice(0, 4, 5));
  }

  private static <S extends State<S>> Tensor outputs(Cell<S> cell, Tensor x) {
    try (Tape tape = Tape.inference()) {
      return Recurrence.scan(cell, tape.constant(x), cell.initialState(tape, x.size(0))).outputs().value();
    }
  }

  @ParameterizedTest
  @EnumSource
  void severalTapesReadOneLayerAtOnce(FusedKind kind) throws Exception {
    Cell<?> cell = cell(kind, 8, 12);
    List<Tensor> inputs = IntStream.range(0, 6).mapToObj(k -> normal("x" + k, 3, 5, 8)).toList();
    List<List<Tensor>> alone = inputs.stream().map(x -> results(FUSED, cell, x, full(3, 5))).toList();
    TapeOptions shared = TapeOptions.defaults(); // and one workspace
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Callable<List<Tensor>>> tasks = inputs.stream()
          .<Callable<List<Tensor>>>map(x -> () -> results(shared, cell, x, full(3, 5))).toList();
      List<Future<List<Tensor>>> together = threads.invokeAll(tasks);
      for (int k = 0; k < tasks.size(); k++) {
        assertThat(together.get(k).get()).isEqualTo(alone.get(k));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void weightsThatChangedAreSeenByAWorkspaceReused(FusedKind kind) {
    Cell<?> cell = cell(kind, 4, 5);
    TapeOptions reused = TapeOptions.defaults();
    Tensor x = normal("x", 3, 4, 4);
    results(reused, cell, x, full(3, 4));
    ((Block) cell).parameters().forEach(p -> p.value().timesInPlace(Tensor.scalar(1.5f)));
    assertThat(results(reused, cell, x, full(3, 4))).isEqualTo(results(FUSED, cell, x, full(3, 4)));
  }

  @ParameterizedTest
  @EnumSource
  void aTapeThatIsKeptGivesTheSameGradientsAgain(FusedKind kind) {
    Cell<?> cell = cell(kind, 4, 17);
    List<Param> parameters = ((Block) cell).parameters();
    try (Tape tape = Tape.recording(FUSED)) {
      Variable x = tape.watch(normal("x", 3, 5, 4));
      Variable y = scan(tape, cell, x);
      Tensor seed = normal("seed", 3, 5, 17);
      Gradients first = tape.gradients(List.of(y), List.of(seed), Tape.Retain.GRAPH);
      Gradients half = tape.gradients(List.of(y), List.of(seed.times(0.5f)), Tape.Retain.GRAPH);
      Gradients again = tape.gradients(y, seed);
      assertThat(again.of(x)).isEqualTo(first.of(x));
      assertThat(half.of(x).times(2)).isEqualTo(first.of(x));
      parameters.forEach(p -> assertThat(again.of(p)).isEqualTo(first.of(p)));
    }
  }

  private static <S extends State<S>> Variable scan(Tape tape, Cell<S> cell, Variable x) {
    return Recurrence.scan(cell, x, cell.initialState(tape, x.size(0)), new int[] {5, 0, 2}).outputs();
  }

  @ParameterizedTest
  @EnumSource
  void secondDerivativesGoBackToTheSteps(FusedKind kind) {
    Cell<?> cell = cell(kind, 4, 5);
    assertThat(penalty(FUSED, cell).allClose(penalty(STEPS, cell), 1e-4, 1e-5)).isTrue();
  }

  private static <S extends State<S>> Tensor penalty(TapeOptions options, Cell<S> cell) {
    try (Tape tape = Tape.recording(options)) {
      Variable x = tape.watch(normal("x", 3, 4, 4));
      Variable y = Recurrence.scan(cell, x, cell.initialState(tape, 3)).outputs().square().sum();
      Variable derivative = tape.differentiate(y, x);
      return tape.gradients(derivative.square().sum()).of(((Block) cell).parameters().getFirst());
    }
  }

  @Test
  void aLayerSaysWhichInputsItWants() {
    Lstm layer = new Lstm(RecurrentOptions.of(3, 4), Rng.of(1));
    try (Tape tape = Tape.inference()) {
      for (Tensor x : List.of(Tensor.scalar(1f), normal("x", 3), normal("x", 2, 5, 4), normal("x", 2, 0, 3))) {
        assertThatThrownBy(() -> layer.forward(tape.constant(x)))
            .hasMessage("forward: LstmCell wants inputs [batch, time >= 1, 3], not " + x.shape());
      }
    }
  }

  @Test
  void anInfinityInAnInputReachesOnlyItsOwnSequence() {
    Tensor x = normal("x", 3, 4, 5);
    x.select(0, 1).select(0, 2).fill(Float.POSITIVE_INFINITY);
    Cell<?> cell = cell(FusedKind.GRU, 5, 6);
    Tensor y = outputs(cell, x);
    assertThat(y.slice(0, 0, 1)).isEqualTo(outputs(cell, x.slice(0, 0, 1)));
    assertThat(y.select(0, 1).slice(0, 0, 2)).isEqualTo(outputs(cell, x.slice(0, 1, 2)).select(0, 0).slice(0, 0, 2));
    assertThat(y.select(0, 2).isFinite().all().item()).isEqualTo(1);
  }

  private static List<Tensor> twice(FusedKind kind, Kernels first, Kernels second) {
    TapeOptions options = TapeOptions.defaults(); // one workspace, whose buffers were made under the first kernels
    Cell<?> cell = cell(kind, 5, 37);
    Tensor x = normal("inputs", 3, 4, 5);
    Kernels.exchange(first);
    List<Tensor> all = new ArrayList<>(results(options, cell, x, full(3, 4)));
    Kernels.exchange(second);
    all.addAll(results(options, cell, x, full(3, 4)));
    return all;
  }

  @ParameterizedTest
  @EnumSource(FusedKind.class)
  void anExchangeOfKernelsBetweenStepsChangesNoBits(FusedKind kind) {
    Kernels before = Kernels.active();
    try {
      List<Tensor> expected = twice(kind, Kernels.vector(), Kernels.vector());
      assertThat(twice(kind, Kernels.mixed(), Kernels.vector())).isEqualTo(expected);
      assertThat(twice(kind, Kernels.mixed(), Kernels.mixed())).isEqualTo(expected);
    } finally {
      Kernels.exchange(before);
    }
  }
}

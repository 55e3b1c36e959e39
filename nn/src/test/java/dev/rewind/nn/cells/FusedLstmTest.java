package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The fused layer against the steps of the cell, which an observer asks for.
class FusedLstmTest {
  private static final TapeOptions FUSED = TapeOptions.defaults();
  private static final TapeOptions STEPS = TapeOptions.defaults().withObserver((name, value) -> {});

  private static Tensor normal(String what, int... sizes) {
    return Tensor.normal(Rng.of(1).split(what), DType.FLOAT32, 0, 1, sizes);
  }

  /// Outputs, last state, and the gradients of inputs, first state and parameters of a loss that uses all of them.
  private static List<Tensor> results(TapeOptions options, LstmCell cell, int batch, int steps, boolean transposed) {
    return results(options, cell, batch, steps, transposed, null);
  }

  private static List<Tensor> results(
      TapeOptions options, LstmCell cell, int batch, int steps, boolean transposed, int[] lengths) {
    int hidden = cell.outputSize();
    Tensor x = transposed
        ? normal("x", steps, batch, cell.inputSize()).transpose(0, 1) : normal("x", batch, steps, cell.inputSize());
    try (Tape tape = Tape.recording(options)) {
      Variable inputs = tape.watch(x);
      LstmState state = new LstmState(tape.watch(normal("h", batch, hidden)), tape.watch(normal("c", batch, hidden)));
      Scanned<LstmState> run = lengths == null
          ? Recurrence.scan(cell, inputs, state) : Recurrence.scan(cell, inputs, state, lengths);
      Variable loss = run.outputs().times(tape.constant(normal("a", batch, steps, hidden))).sum()
          .plus(run.state().h().times(tape.constant(normal("b", batch, hidden))).sum())
          .plus(run.state().c().times(tape.constant(normal("d", batch, hidden))).sum());
      List<Tensor> results = new ArrayList<>(
          List.of(run.outputs().value(), run.state().h().value(), run.state().c().value()));
      Gradients gradients = tape.gradients(loss);
      results.addAll(List.of(gradients.of(inputs), gradients.of(state.h()), gradients.of(state.c())));
      cell.parameters().forEach((Param p) -> results.add(gradients.of(p)));
      return results;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "1, 7, 3, 5", "2, 1, 17, 16", "3, 5, 4, 33", "7, 4, 33, 15", "50, 3, 20, 48",
      "13, 9, 1, 64"})
  void equalsTheStepsOfTheCell(int batch, int steps, int inputs, int hidden) {
    LstmCell cell = new LstmCell(inputs, hidden, Rng.of(2));
    for (boolean transposed : new boolean[] {false, true}) {
      assertClose(results(FUSED, cell, batch, steps, transposed), results(STEPS, cell, batch, steps, transposed));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 3, 5", "2, 3, 2, 17", "5, 6, 4, 33", "9, 4, 33, 15"})
  void sequencesOfDifferentLengthsEqualTheStepsOfTheCell(int batch, int steps, int inputs, int hidden) {
    LstmCell cell = new LstmCell(inputs, hidden, Rng.of(2));
    int[] mixed = new int[batch];
    Arrays.setAll(mixed, b -> (b * 3 + 1) % (steps + 1)); // some zero, some full
    int[] shorter = new int[batch];
    Arrays.fill(shorter, Math.max(1, steps - 1));
    for (int[] lengths : new int[][] {mixed, shorter}) {
      assertClose(results(FUSED, cell, batch, steps, false, lengths),
          results(STEPS, cell, batch, steps, false, lengths));
    }
  }

  @Test
  void paddingDoesNotMatterEvenIfItIsNaN() {
    LstmCell cell = new LstmCell(3, 5, Rng.of(2));
    Tensor clean = normal("x", 2, 4, 3);
    Tensor dirty = clean.copy();
    dirty.select(0, 1).slice(0, 2, 4).fill(Float.NaN);
    List<Tensor> results = new ArrayList<>();
    for (Tensor x : List.of(clean, dirty)) {
      try (Tape tape = Tape.recording()) {
        Variable inputs = tape.watch(x);
        Scanned<LstmState> run = Recurrence.scan(cell, inputs, cell.initialState(tape, 2), new int[] {4, 2});
        Gradients gradients = tape.gradients(run.outputs().square().sum());
        results.add(run.outputs().value());
        results.add(gradients.of(inputs));
        cell.parameters().forEach(p -> results.add(gradients.of(p)));
      }
    }
    assertThat(results.subList(5, 10)).isEqualTo(results.subList(0, 5));
    assertThat(results.get(0).select(0, 1).slice(0, 2, 4)).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 5));
    assertThat(results.get(1).select(0, 1).slice(0, 2, 4)).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 3));
  }

  /// Weights beyond a core's cache are multiplied with all inputs at once, others step by step: no bit may tell.
  @Test
  void largeLayersEqualTheStepsOfTheCell() {
    LstmCell cell = new LstmCell(100, 230, Rng.of(2));
    assertClose(results(FUSED, cell, 3, 4, false), results(STEPS, cell, 3, 4, false));
  }

  @Test
  void weightsThatChangedAreReadAgain() {
    LstmCell cell = new LstmCell(3, 5, Rng.of(2));
    TapeOptions reused = TapeOptions.defaults();
    results(reused, cell, 2, 3, false);
    cell.parameters().forEach(p -> p.value().timesInPlace(Tensor.scalar(0.5f)));
    assertThat(results(reused, cell, 2, 3, false)).isEqualTo(results(TapeOptions.defaults(), cell, 2, 3, false));
  }

  private static void assertClose(List<Tensor> fused, List<Tensor> composite) {
    for (int i = 0; i < fused.size(); i++) {
      assertThat(fused.get(i).allClose(composite.get(i), 1e-4, 2e-5))
          .overridingErrorMessage(
              "result %d: %s", i, fused.get(i).describeDifference(composite.get(i), 1e-4, 2e-5))
          .isTrue();
    }
  }

  @Test
  void bitsDependNeitherOnThreadsNorOnNeighboursInTheBatch() {
    LstmCell cell = new LstmCell(20, 24, Rng.of(2));
    int before = Threads.count();
    try {
      Threads.resize(1);
      List<Tensor> one = results(FUSED, cell, 11, 6, false);
      Threads.resize(3);
      assertThat(results(FUSED, cell, 11, 6, false)).isEqualTo(one);
    } finally {
      Threads.resize(before);
    }
    try (Tape tape = Tape.inference()) {
      Tensor x = normal("x", 11, 6, 20);
      Tensor together = Recurrence.scan(cell, tape.constant(x), cell.initialState(tape, 11)).outputs().value();
      Tensor alone = Recurrence.scan(cell, tape.constant(x.slice(0, 4, 5)), cell.initialState(tape, 1)).outputs()
          .value();
      assertThat(alone).isEqualTo(together.slice(0, 4, 5));
    }
  }

  @Test
  void aWorkspaceReusedGivesTheSameBitsAndTwoRunsOnOneTapeDoNotMeet() {
    LstmCell cell = new LstmCell(4, 5, Rng.of(2));
    TapeOptions reused = TapeOptions.defaults();
    List<Tensor> first = results(reused, cell, 3, 4, false);
    assertThat(results(reused, cell, 3, 4, false)).isEqualTo(first);
    try (Tape tape = Tape.recording(reused)) {
      Variable x = tape.watch(normal("x", 3, 4, 4));
      Scanned<LstmState> one = Recurrence.scan(cell, x, cell.initialState(tape, 3));
      Scanned<LstmState> two = Recurrence.scan(cell, x.times(2), cell.initialState(tape, 3));
      Tensor both = tape.gradients(one.outputs().sum().plus(two.outputs().sum())).of(x);
      Tensor sum = gradientAlone(cell, 1).plus(gradientAlone(cell, 2));
      assertThat(both.allClose(sum, 1e-4, 1e-6)).isTrue();
    }
  }

  private static Tensor gradientAlone(LstmCell cell, double scale) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(normal("x", 3, 4, 4));
      Scanned<LstmState> run = Recurrence.scan(cell, x.times(scale), cell.initialState(tape, 3));
      return tape.gradients(run.outputs().sum()).of(x);
    }
  }

  @Test
  void secondDerivativesGoBackToTheSteps() {
    LstmCell cell = new LstmCell(4, 5, Rng.of(2));
    List<Tensor> penalties = new ArrayList<>();
    for (TapeOptions options : List.of(FUSED, STEPS)) {
      try (Tape tape = Tape.recording(options)) {
        Variable x = tape.watch(normal("x", 3, 4, 4));
        Variable y = Recurrence.scan(cell, x, cell.initialState(tape, 3)).outputs().square().sum();
        Variable derivative = tape.differentiate(y, x);
        penalties.add(tape.gradients(derivative.square().sum()).of(cell.parameters().getFirst()));
      }
    }
    assertThat(penalties.get(0).allClose(penalties.get(1), 1e-4, 1e-5)).isTrue();
  }
}

package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The fused form of the minimal cells' recurrence against its steps and its definition in FLOAT64.
class GatedRecurrenceTest {
  private static final TapeOptions STEPS = TapeOptions.defaults().withObserver((name, value) -> {});

  private record Case(int batch, int steps, int hidden, int[] lengths) {
    Tensor normal(String what, int... sizes) {
      return Tensor.normal(Rng.of(1).split(what), DType.FLOAT32, 0, 2, sizes);
    }

    /// Outputs, the last state, then the gradients of gate, candidate and first state, all FLOAT32.
    List<Tensor> results(DType dtype) {
      try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(dtype))) {
        Variable both = tape.watch(normal("x", batch, steps, 2 * hidden).to(dtype));
        Variable start = tape.watch(normal("h", batch, hidden).to(dtype));
        List<Variable> parts = both.split(2, 2); // views with gaps
        Scanned<HiddenState> run = MinimalCell.scan(
            parts.get(0), parts.get(1), new HiddenState(start), Lengths.of(lengths, steps));
        Variable weights = tape.constant(normal("w", batch, steps, hidden).to(dtype));
        Variable loss = run.outputs().times(weights).sum().plus(run.state().h().square().sum());
        Gradients gradients = tape.gradients(loss);
        List<Tensor> results = new ArrayList<>(List.of(run.outputs().value(), run.state().h().value()));
        results.add(gradients.of(both));
        results.add(gradients.of(start));
        return results.stream().map(tensor -> tensor.to(DType.FLOAT32)).toList();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 1, 17", "3, 5, 33", "4, 9, 16"})
  void equalsTheDefinition(int batch, int steps, int hidden) {
    int[] full = new int[batch];
    int[] mixed = new int[batch];
    for (int row = 0; row < batch; row++) {
      full[row] = steps;
      mixed[row] = row * steps / batch; // the first is empty
    }
    for (int[] lengths : List.of(full, mixed)) {
      Case all = new Case(batch, steps, hidden, lengths);
      List<Tensor> fused = all.results(DType.FLOAT32);
      List<Tensor> definition = all.results(DType.FLOAT64);
      for (int i = 0; i < fused.size(); i++) {
        assertThat(fused.get(i).allClose(definition.get(i), 1e-4, 1e-5)).overridingErrorMessage(
            "result %d: %s", i, fused.get(i).describeDifference(definition.get(i), 1e-4, 1e-5)).isTrue();
      }
    }
  }

  @Test
  void aMinimalCellHasTheBitsOfItsSteps() {
    MinGruCell cell = new MinGruCell(5, 19, Rng.of(1));
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 3, 7, 5);
    List<Tensor> outputs = new ArrayList<>();
    for (TapeOptions options : List.of(TapeOptions.defaults(), STEPS)) {
      try (Tape tape = Tape.inference(options)) {
        outputs.add(
            Recurrence.scan(cell, tape.constant(x), cell.initialState(tape, 3), new int[] {7, 0, 4}).outputs().value());
      }
    }
    assertThat(outputs.getFirst()).isEqualTo(outputs.getLast());
  }

  @Test
  void aLossOfTheLastStateOrOfOutputsAloneIsEnough() {
    try (Tape tape = Tape.recording()) {
      Variable u = tape.watch(Tensor.zeros(DType.FLOAT32, 1, 2, 1)); // each step takes half
      Variable n = tape.watch(Tensor.ones(DType.FLOAT32, 1, 2, 1));
      HiddenState zero = new HiddenState(tape.constant(Tensor.zeros(DType.FLOAT32, 1, 1)));
      Scanned<HiddenState> run = MinimalCell.scan(u, n, zero, Lengths.full(1, 2));
      assertThat(run.state().h().item()).isEqualTo(0.75);
      assertThat(tape.gradients(run.state().h().sum()).of(n).toFloats()).containsExactly(0.25f, 0.5f);
    }
    try (Tape tape = Tape.recording()) {
      Variable n = tape.watch(Tensor.ones(DType.FLOAT32, 1, 2, 1));
      Variable u = tape.constant(Tensor.zeros(DType.FLOAT32, 1, 2, 1));
      HiddenState zero = new HiddenState(tape.constant(Tensor.zeros(DType.FLOAT32, 1, 1)));
      Variable outputs = MinimalCell.scan(u, n, zero, Lengths.full(1, 2)).outputs();
      assertThat(tape.gradients(outputs.sum()).of(n).toFloats()).containsExactly(0.75f, 0.5f);
    }
  }

  @Test
  void secondDerivativesGoBackToTheDefinition() {
    List<Tensor> penalties = new ArrayList<>();
    for (TapeOptions options : List.of(TapeOptions.defaults(), STEPS)) {
      MinLstmCell cell = new MinLstmCell(3, 4, Rng.of(1));
      try (Tape tape = Tape.recording(options)) {
        Variable x = tape.watch(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 2, 3, 3));
        Variable y = Recurrence.scan(cell, x, cell.initialState(tape, 2)).outputs().square().sum();
        penalties.add(tape.gradients(tape.differentiate(y, x).square().sum()).of(cell.parameters().getFirst()));
      }
    }
    assertThat(penalties.getFirst().allClose(penalties.getLast(), 1e-4, 1e-5)).isTrue();
  }

  @Test
  void bitsDoNotDependOnThreads() {
    Case some = new Case(5, 6, 20, new int[] {6, 1, 4, 0, 6});
    int before = Threads.count();
    try {
      Threads.resize(1);
      List<Tensor> one = some.results(DType.FLOAT32);
      Threads.resize(3);
      assertThat(some.results(DType.FLOAT32)).isEqualTo(one);
    } finally {
      Threads.resize(before);
    }
  }
}

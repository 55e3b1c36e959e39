package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormTest {
  private final LayerNorm norm = new LayerNorm(4);

  @Test
  void vectorsHaveMeanZeroAndVarianceOneBeforeGainAndBias() {
    norm.parameters().getFirst().value().fill(2);
    norm.parameters().getLast().value().fill(5);
    Tensor x = Tensor.of(new float[][] {{1, 2, 3, 4}, {-10, 10, -10, 10}});
    double scale = 2 / Math.sqrt(1.25 + 1e-5);
    float[] first = new float[4];
    for (int i = 0; i < 4; i++) {
      first[i] = (float) (5 + (i - 1.5) * scale);
    }
    try (Tape tape = Tape.inference()) {
      Tensor y = norm.forward(tape.constant(x)).value();
      assertThat(y.select(0, 0).allClose(Tensor.of(first), 1e-6, 0)).isTrue();
      assertThat(y.select(0, 1).allClose(Tensor.of(new float[] {3, 7, 3, 7}), 1e-6, 0)).isTrue();
    }
  }

  @Test
  void constantVectorsBecomeTheBias() {
    try (Tape tape = Tape.inference()) {
      Tensor y = norm.forward(tape.constant(Tensor.full(DType.FLOAT32, 3, 2, 4))).value();
      assertThat(y).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 4));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    GradientCheck.of(norm::forward).at(Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 2, 3, 4))
        .withParameters(norm.parameters()).secondOrder().run().assertPasses();
  }

  /// Output, then the gradients of input, gain and bias of a weighted sum of the output.
  private static List<Tensor> results(DType dtype, Tensor input, Function<Variable, Variable> view) {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(dtype))) {
      Variable x = tape.watch(input.to(dtype));
      Variable rows = view.apply(x);
      LayerNorm norm = new LayerNorm(rows.size(-1));
      norm.parameters().forEach(p -> p.value().assign(Tensor.normal(Rng.of(3), DType.FLOAT32, 1, 1, rows.size(-1))));
      Variable y = norm.forward(rows);
      Variable weights = tape.constant(Tensor.normal(Rng.of(4), DType.FLOAT32, 0, 1, y.shape().sizes()).to(dtype));
      Gradients gradients = tape.gradients(y.times(weights).sum());
      List<Tensor> results = new ArrayList<>(List.of(y.value(), gradients.of(x)));
      norm.parameters().forEach(p -> results.add(gradients.of(p)));
      return results.stream().map(tensor -> tensor.to(DType.FLOAT32)).toList();
    }
  }

  private static void requireEqual(Tensor input, Function<Variable, Variable> view) {
    List<Tensor> fused = results(DType.FLOAT32, input, view);
    List<Tensor> definition = results(DType.FLOAT64, input, view);
    for (int i = 0; i < fused.size(); i++) {
      assertThat(fused.get(i).allClose(definition.get(i), 1e-4, 1e-5)).overridingErrorMessage("%s, result %d: %s",
          input.shape(), i, fused.get(i).describeDifference(definition.get(i), 1e-4, 1e-5)).isTrue();
    }
  }

  /// Rows shorter and longer than a vector and a chunk of a sum, and as many as make further tasks.
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "2, 15", "5, 17", "2, 513", "70, 512", "1, 17000", "400, 100"})
  void theFusedFormEqualsTheDefinition(int rows, int size) {
    requireEqual(Tensor.normal(Rng.of(1), DType.FLOAT32, 3, 2, rows, size), x -> x);
  }

  @Test
  void viewsEqualTheirCopies() {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 3, 2, 5, 4, 6);
    requireEqual(x, v -> v);
    requireEqual(x, v -> v.transpose(0, 2));
    requireEqual(x, v -> v.reshape(20, 6).split(1, 2).getLast());
    requireEqual(x, v -> v.select(0, 2).select(0, 1)); // a vector
    requireEqual(x, v -> v.select(0, 2).slice(0, 0, 1).expand(7, 6));
  }

  @Test
  void bitsDependNeitherOnThreadsNorOnNeighbours() {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 3, 2, 70, 512);
    List<Tensor> all = results(DType.FLOAT32, x, v -> v);
    x.select(0, 1).fill(Float.NaN);
    Tensor beside = results(DType.FLOAT32, x, v -> v).getFirst();
    assertThat(beside.slice(0, 2, 70)).isEqualTo(all.getFirst().slice(0, 2, 70));
    assertThat(beside.select(0, 1).isNaN().all().toBooleans()).containsExactly(true);
    Tensor clean = Tensor.normal(Rng.of(1), DType.FLOAT32, 3, 2, 70, 512);
    int before = Threads.count();
    try {
      for (int threads : new int[] {1, 3}) {
        Threads.resize(threads);
        assertThat(results(DType.FLOAT32, clean, v -> v)).isEqualTo(all);
      }
    } finally {
      Threads.resize(before);
    }
  }

  @Test
  void secondDerivativesGoBackToTheDefinition() {
    List<Tensor> penalties = new ArrayList<>();
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(dtype))) {
        Variable x = tape.watch(Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 3, 4).to(dtype));
        Variable derivative = tape.differentiate(norm.forward(x).square().times(x).sum(), x);
        penalties.add(tape.gradients(derivative.square().sum()).of(norm.parameters().getFirst()).to(DType.FLOAT32));
      }
    }
    assertThat(penalties.getFirst().allClose(penalties.getLast(), 1e-4, 1e-4)).isTrue();
  }

  @Test
  void aChangedInputIsNoticed() {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 3, 4);
    try (Tape tape = Tape.recording()) {
      Variable loss = norm.forward(tape.watch(x)).sum();
      x.plusInPlace(Tensor.scalar(1f));
      assertThatIllegalStateException().isThrownBy(() -> tape.gradients(loss)).withMessageContaining("changed");
    }
  }

  @Test
  void anotherSizeIsNamed() {
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> norm.forward(tape.constant(Tensor.zeros(DType.FLOAT32, 4, 3))))
          .withMessage("layer norm: wants [.., 4], not [4, 3]");
    }
  }
}

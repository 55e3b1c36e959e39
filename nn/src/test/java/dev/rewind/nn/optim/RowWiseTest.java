package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradient;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Steps on the gradient of a lookup of a few rows of a table.
class RowWiseTest {
  private final Tensor start = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 6, 3);

  private static Gradients lookup(Param table, int... ids) {
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(tape.watch(table).gather(Tensor.of(ids), 0).square().sum());
      assertThat(gradients.gradient(table)).isInstanceOf(Gradient.Rows.class);
      return gradients;
    }
  }

  private static Gradients dense(Param table, int... ids) {
    Gradients rows = lookup(table, ids);
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(table).times(tape.constant(rows.of(table))).sum());
    }
  }

  @Test
  void byDefaultTheStepIsThatOfTheDenseGradient() {
    Param fuseRows = new Param("table", start.copy());
    Param whole = new Param("table", start.copy());
    Adam ofRows = new Adam(List.of(fuseRows), 0.1);
    Adam ofWhole = new Adam(List.of(whole), 0.1);
    for (int[] ids : new int[][] {{0, 2}, {4, 1, 4}, {5}}) {
      ofRows.step(lookup(fuseRows, ids).clipByNorm(1));
      ofWhole.step(dense(whole, ids).clipByNorm(1));
      assertThat(fuseRows.value()).isEqualTo(whole.value());
    }
  }

  @Test
  void rowWiseStepsMoveLookedUpRowsAndLetTheOthersRest() {
    Param table = new Param("table", start.copy());
    Adam adam = new Adam(List.of(table), 0.1);
    adam.rowWise(true);
    adam.step(lookup(table, 0, 2));
    Tensor rested = table.value().copy();
    Tensor memory = adam.state().get("0.table.mean");
    adam.step(lookup(table, 4, 1, 4));
    for (int row : new int[] {0, 2, 3, 5}) {
      assertThat(table.value().select(0, row)).isEqualTo(rested.select(0, row));
      assertThat(adam.state().get("0.table.mean").select(0, row)).isEqualTo(memory.select(0, row));
    }
    assertThat(table.value().select(0, 4)).isNotEqualTo(rested.select(0, 4));
    assertThat(adam.state().get("0.table.mean").select(0, 1)).isNotEqualTo(memory.select(0, 1));
  }

  @Test
  void theFirstRowWiseStepIsThatOfTheWholeTable() {
    Param fuseRows = new Param("table", start.copy());
    Param whole = new Param("table", start.copy());
    Adagrad rowWise = new Adagrad(List.of(fuseRows), 0.1);
    rowWise.rowWise(true);
    rowWise.step(lookup(fuseRows, 4, 1, 4));
    new Adagrad(List.of(whole), 0.1).step(dense(whole, 4, 1, 4));
    assertThat(fuseRows.value()).isEqualTo(whole.value());
  }

  @Test
  void aRowTooLargeToBeSquaredChangesNothing() {
    Param table = new Param("table", start.copy());
    Adam adam = new Adam(List.of(table), 0.1);
    adam.rowWise(true);
    adam.step(lookup(table, 0, 2));
    Map<String, Tensor> state = adam.state();
    Tensor value = table.value().copy();
    assertThatIllegalArgumentException().isThrownBy(() -> adam.step(lookup(table, 1, 2).times(1e21)))
        .withMessageContaining("0.table [6, 3]: its square would overflow");
    assertThat(adam.state()).isEqualTo(state);
    assertThat(table.value()).isEqualTo(value);
    adam.step(lookup(table, 1, 2));
    assertThat(table.value().select(0, 2).minus(value.select(0, 2)).abs().min().item()).isPositive();
  }

  /// The formula of the rows that move is Adam's, not that of PyTorch's `SparseAdam`, whose denominator is
  /// `(sqrt(square) + epsilon) / sqrt(1 - beta2^t)`.
  @Test
  void epsilonIsAddedToTheUnbiasedRootAsInAdam() {
    Param table = new Param("table", Tensor.ones(DType.FLOAT64, 6, 3));
    Adam adam = new Adam(List.of(table), 0.5, Adam.Options.defaults().withEpsilon(1));
    adam.rowWise(true);
    adam.step(lookup(table, 4)); // the gradient is 2
    assertThat(table.value().select(0, 4).allClose(Tensor.full(DType.FLOAT64, 1 - 0.5 * 2 / (2 + 1), 3), 1e-12, 0))
        .isTrue();
  }

  @Test
  void viewsAsParametersMoveToo() {
    Param table = new Param("table", Tensor.zeros(DType.FLOAT64, 7, 3).plus(1).slice(0, 1, 7));
    Sgd sgd = new Sgd(List.of(table), 0.25);
    sgd.rowWise(true);
    sgd.step(lookup(table, 2));
    assertThat(table.value().select(0, 2)).isEqualTo(Tensor.full(DType.FLOAT64, 0.5, 3));
    assertThat(table.value().select(0, 1)).isEqualTo(Tensor.full(DType.FLOAT64, 1, 3));
  }
}

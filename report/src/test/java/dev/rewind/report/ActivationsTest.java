package dev.rewind.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Trace;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationsTest {
  @Test
  void areWhatATraceOfOneLongRunSees() {
    StackedCell<?> cell = new StackedCell<>(List.of(new LstmCell(3, 4, Rng.of(1)), new LstmCell(4, 5, Rng.of(2))));
    requireTheSame(cell, 600);
    requireTheSame(new GruCell(3, 2, Rng.of(3)), 256);
    requireTheSame(new GruCell(3, 2, Rng.of(3)), 1);
  }

  private static <S extends State<S>> void requireTheSame(Cell<S> cell, int steps) {
    Tensor inputs = Tensor.normal(Rng.of(4), DType.FLOAT32, 0, 1, steps, 3);
    Activations seen = Activations.of(cell, inputs);
    Trace trace = new Trace();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(trace))) {
      Tensor outputs = Recurrence.scan(cell, tape.constant(inputs.unsqueeze(0)), cell.initialState(tape, 1)).outputs()
          .value();
      assertThat(seen.outputs()).isEqualTo(outputs.squeeze(0));
    }
    assertThat(seen.signals().keySet()).containsExactlyElementsOf(trace.names()).isNotEmpty();
    trace.names().forEach(name -> assertThat(seen.signals().get(name)).isEqualTo(trace.of(name).squeeze(0)));
  }

  @Test
  void ofOtherShapesAreRefused() {
    GruCell cell = new GruCell(3, 2, Rng.of(1));
    assertThatThrownBy(() -> Activations.of(cell, Tensor.zeros(DType.FLOAT32, 1, 5, 3)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("wants inputs [steps >= 1, 3], not [1, 5, 3]");
    assertThatThrownBy(() -> Activations.of(cell, Tensor.zeros(DType.FLOAT32, 0, 3)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new Activations(Tensor.zeros(DType.FLOAT32, 4, 2),
        Map.of("h", Tensor.zeros(DType.FLOAT32, 5, 2)))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("'h' must be [4, units]");
  }
}

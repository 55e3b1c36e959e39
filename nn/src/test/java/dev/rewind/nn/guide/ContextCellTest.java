package dev.rewind.nn.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.ZoneoutCell;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// A user's cell in one file: a plain network with a context that changes slowly (Mikolov et al. 2015).
class ContextCellTest {
  private record ContextState(Variable h, Variable s) implements State<ContextState> {
    @Override
    public Parts<ContextState> parts() {
      return Parts.of("h", h, "s", s, ContextState::new);
    }
  }

  private static final class ContextCell extends RecurrentCell<ContextState> {
    private final Gates gates;
    private final Linear toContext;
    private final Linear fromContext;

    ContextCell(int inputs, int units, Rng rng) {
      super(inputs, units, (tape, batch, size) -> new ContextState(
          State.zeros(tape, batch, size), State.zeros(tape, batch, size)));
      gates = gates(1, units, rng);
      toContext = child("to_context", Linear.withoutBias(inputs, units, rng.split("to_context")));
      fromContext = child("from_context", Linear.withoutBias(units, units, rng.split("from_context")));
    }

    @Override
    public Step<ContextState> stepPrepared(Variable x, ContextState old) {
      Variable s = old.s().times(0.95).plus(toContext.forward(x).times(0.05));
      Variable h = gates.sums(gates.prepare(x), old.h()).plus(fromContext.forward(s)).sigmoid();
      return new Step<>(h, new ContextState(h, s));
    }
  }

  @Test
  void isCheckedWrappedAndTrained() {
    ContextCell cell = new ContextCell(2, 3, Rng.of(1));
    CellCheck.of(cell).steps(3).lengths(3, 0, 1).run().assertPasses();
    ZoneoutCell<ContextState> wrapped = new ZoneoutCell<>(cell, 0.1, 0);
    Adam adam = new Adam(wrapped.namedParameters(), 0.01);
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 4, 5, 2);
    double first = step(wrapped, adam, x);
    double last = first;
    for (int i = 0; i < 50; i++) {
      last = step(wrapped, adam, x);
    }
    assertThat(last).isLessThan(0.8 * first);
  }

  private static double step(ZoneoutCell<ContextState> cell, Adam adam, Tensor x) {
    try (Tape tape = Tape.training(Rng.of(3))) {
      Variable loss = Recurrence.scan(cell, tape.constant(x), cell.initialState(tape, 4)).outputs().square().mean();
      Gradients gradients = tape.gradients(loss);
      adam.step(gradients);
      return loss.item();
    }
  }
}

package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The adding problem (Hochreiter and Schmidhuber 1997, experiment 4; in the form of Arjovsky et al. 2016): of a
/// sequence of random numbers two are marked, one in either half; their sum is asked for after the last step. Who
/// remembers nothing answers 1, for a mean squared error of 1/6.
class MemoryTaskTest {
  private static final int BATCH = 32;
  private static final int STEPS = 30;
  private static final int HIDDEN = 16;

  /// Sequences `[BATCH, STEPS, 2]`, number and mark at each step, and their answers `[BATCH, 1]`.
  private record Problem(Tensor inputs, Tensor answers) {
    static Problem draw(Rng rng) {
      Tensor numbers = Tensor.uniform(rng, DType.FLOAT32, 0, 1, BATCH, STEPS);
      Tensor marks = Tensor.zeros(DType.FLOAT32, BATCH, STEPS);
      for (int b = 0; b < BATCH; b++) {
        marks.select(0, b).select(0, rng.nextInt(STEPS / 2)).fill(1);
        marks.select(0, b).select(0, STEPS / 2 + rng.nextInt(STEPS / 2)).fill(1);
      }
      return new Problem(Tensor.stack(2, List.of(numbers, marks)), numbers.times(marks).sum(1).unsqueeze(1));
    }
  }

  /// The mean squared error over the last tenth of the updates.
  private static <S extends State<S>, C extends Block & Cell<S>> double errorAfter(int updates, C cell, long seed) {
    Rng rng = Rng.of(seed);
    Linear answer = new Linear(HIDDEN, 1, rng.split("answer"));
    List<Param> parameters = new ArrayList<>(cell.parameters());
    parameters.addAll(answer.parameters());
    Adam optimizer = new Adam(parameters, 1e-2);
    TapeOptions options = TapeOptions.defaults();
    double error = 0;
    int tenth = updates / 10;
    for (int i = 0; i < updates; i++) {
      Problem problem = Problem.draw(rng);
      try (Tape tape = Tape.recording(options)) {
        Scanned<S> run = Recurrence.scan(cell, tape.constant(problem.inputs()), cell.initialState(tape, BATCH));
        Variable loss = Losses.meanSquaredError(answer.forward(run.outputs().select(1, -1)),
            tape.constant(problem.answers()));
        optimizer.step(tape.gradients(loss).clipByNorm(1));
        error += i < updates - tenth ? 0 : loss.item() / tenth;
      }
    }
    return error;
  }

  @Test
  void anLstmLearnsWhatAnElmanNetworkFailsAt() {
    assertThat(errorAfter(1000, new LstmCell(2, HIDDEN, 1, Rng.of(1)), 1)).isLessThan(0.01);
    assertThat(errorAfter(1000, new RnnCell(2, HIDDEN, Rng.of(1)), 1)).isGreaterThan(0.12);
  }
}

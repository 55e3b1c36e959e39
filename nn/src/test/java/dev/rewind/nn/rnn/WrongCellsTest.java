package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Linear;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Cells with one fault each, and what [CellCheck] says of them.
class WrongCellsTest {
  private static final int INPUTS = 2;
  private static final int HIDDEN = 3;

  /// `h = tanh(x W' + b + h U')`, right, to be spoiled.
  private static class Plain extends RecurrentCell<HiddenState> {
    final Linear input = child("input", new Linear(INPUTS, HIDDEN, Rng.of(1)));
    final Linear hidden = child("hidden", Linear.withoutBias(HIDDEN, HIDDEN, Rng.of(2)));

    Plain() {
      this(HIDDEN, HiddenState::zeros);
    }

    Plain(int outputs, Zeros<HiddenState> zeros) {
      super(INPUTS, outputs, zeros);
    }

    @Override
    public Variable prepare(Variable x) {
      return input.forward(x);
    }

    @Override
    public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
      Variable h = prepared.plus(hidden.forward(state.h())).tanh();
      return new Step<>(h, new HiddenState(h));
    }

    /// The step, with output and state changed.
    static Plain changing(UnaryOperator<Variable> output, UnaryOperator<Variable> h) {
      return new Plain() {
        @Override
        public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
          Variable next = super.stepPrepared(prepared, state).output();
          return new Step<>(output.apply(next), new HiddenState(h.apply(next)));
        }
      };
    }
  }

  /// A state that gives its leaves back in another order.
  private record Swapped(Variable h, Variable c) implements State<Swapped> {
    @Override
    public Parts<Swapped> parts() {
      return Parts.of("h", h, "c", c, (a, b) -> new Swapped(b, a));
    }
  }

  private static final class SwappingCell extends RecurrentCell<Swapped> {
    SwappingCell() {
      super(INPUTS, INPUTS, (tape, batch, size) -> new Swapped(HiddenState.zeros(tape, batch, size).h(),
          HiddenState.zeros(tape, batch, size).h()));
    }

    @Override
    public Step<Swapped> stepPrepared(Variable x, Swapped state) {
      Variable h = x.plus(state.h()).plus(state.c()).tanh();
      return new Step<>(h, new Swapped(h, state.c()));
    }
  }

  private static Plain declaringTooMany() {
    return new Plain(HIDDEN + 1, (tape, batch, size) -> HiddenState.zeros(tape, batch, HIDDEN));
  }

  private static Plain ofOneBatch() {
    return new Plain(HIDDEN, (tape, batch, size) -> HiddenState.zeros(tape, 2, size));
  }

  private static Plain startingInFloat() {
    return new Plain(HIDDEN,
        (tape, batch, size) -> new HiddenState(tape.constant(Tensor.zeros(DType.FLOAT32, batch, size))));
  }

  private static Variable narrowed(Variable x) {
    return x.to(DType.FLOAT32).to(x.dtype());
  }

  private static Plain narrowing() {
    return Plain.changing(x -> x, h -> narrowed(h).times(2).sigmoid());
  }

  private static Plain narrowingItsWeights() {
    return new Plain() {
      @Override
      public Variable prepare(Variable x) {
        return x.linear(narrowed(x.tape().watch(input.namedParameters().get("weight"))));
      }
    };
  }

  private static Plain withAConstantInFloat() {
    return Plain.changing(x -> x, h -> h.times(h.tape().constant(Tensor.full(DType.FLOAT32, 0.5))));
  }

  private static Plain counting() {
    return new Plain() {
      private int steps;

      @Override
      public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
        steps++;
        return super.stepPrepared(prepared.times(1 + 0.1 * steps), state);
      }
    };
  }

  private static Plain mixingRows() {
    return Plain.changing(x -> x, h -> h.minus(h.meanKeepDims(0)));
  }

  private static Plain preparingOverTime() {
    return new Plain() {
      @Override
      public Variable prepare(Variable x) {
        Variable all = super.prepare(x);
        return all.size(0) <= 2 ? all : all.minus(all.meanKeepDims(0)); // a batch of 2 is one step
      }
    };
  }

  private static Plain droppingInPrepare() {
    return new Plain() {
      @Override
      public Variable prepare(Variable x) {
        return new Dropout(0.5).forward(super.prepare(x));
      }
    };
  }

  private static Plain scanningAnotherRecurrence() {
    return new Plain() {
      @Override
      public Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
        HiddenState zeros = state.map(leaf -> leaf.times(0)); // forgets what it starts from
        return super.scan(inputs, zeros, lengths);
      }
    };
  }

  private static Plain lookingUpOtherSymbols() {
    return new Plain() {
      @Override
      public Scanned<HiddenState> scanSymbols(Variable table, Tensor ids, HiddenState state, Lengths lengths) {
        return super.scanSymbols(table.times(1.5), ids, state, lengths);
      }
    };
  }

  private static Plain ignoringLengths() {
    return new Plain() {
      @Override
      public Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
        return super.scan(inputs, state, Lengths.full(lengths.batch(), lengths.time()));
      }
    };
  }

  static Stream<Arguments> wrongCells() {
    return Stream.of(
        Arguments.of(declaringTooMany(), "the output of step 0 is [2, 3], but by outputSize() [2, 4]"),
        Arguments.of(Plain.changing(x -> x, h -> h.slice(1, 0, 2)),
            "state.h is FLOAT64 [2, 3] before step 0 and FLOAT64 [2, 2] after it"),
        Arguments.of(ofOneBatch(), "leaf h of initialState is [2, 3] for a batch of 2, but [2, 3] for one more"),
        Arguments.of(new SwappingCell(),
            "a state made by withLeaves(..) does not have these as its leaves(), in the order of its names [h, c]"),
        Arguments.of(startingInFloat(), "leaf h of initialState is FLOAT32 in a FLOAT64 run; make it of tape.dtype("),
        Arguments.of(narrowing(), "the output moves in jumps of FLOAT32 in a FLOAT64 run"),
        Arguments.of(narrowingItsWeights(), "the output moves in jumps of FLOAT32 in a FLOAT64 run"),
        Arguments.of(Plain.changing(x -> x.to(DType.FLOAT32), h -> h), "the output of step 0 is FLOAT32 in a FLOAT64"),
        Arguments.of(withAConstantInFloat(), "FLOAT32 in a FLOAT64 run: "),
        Arguments.of(counting(), "two runs differ; is there a draw of random numbers, or a field that a step changes?"),
        Arguments.of(mixingRows(), "row 0 of the batch depends on the other rows; alone it gave "),
        Arguments.of(preparingOverTime(), "prepare of all steps at once is not prepare of each step; it gave "),
        Arguments.of(droppingInPrepare(), "prepare draws random numbers, as dropout does, which belongs into "
            + "stepPrepared or around the cell; of equal vectors it gave "),
        Arguments.of(scanningAnotherRecurrence(), "scan is not prepare and stepPrepared step by step; it gave "),
        Arguments.of(lookingUpOtherSymbols(), "scanSymbols is not scan of the vectors of the symbols; it gave "),
        Arguments.of(ignoringLengths(), "scan with lengths [2, 0] is not zeros after the end of row 0"));
  }

  @ParameterizedTest
  @MethodSource("wrongCells")
  void eachIsCaughtByName(Cell<?> cell, String message) {
    CheckResult result = CellCheck.of(cell).run();
    assertThat(result.passes()).isFalse();
    assertThat(result.message()).startsWith("contract of the cell: " + message);
  }

  @Test
  void wrongGradientsAreFoundAfterTheContract() {
    assertThat(CellCheck.of(Plain.changing(x -> x, Variable::stopGradient)).run().message())
        .startsWith("gradient of ");
  }

  @Test
  void theRightOneOfWhichTheyAreMadePasses() {
    CellCheck.of(new Plain()).run().assertPasses();
    CellCheck.of(new Plain()).batch(1).steps(1).run().assertPasses();
    CellCheck.of(new Plain()).lengths(3, 0, 1).run().assertPasses();
  }
}

package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult;
import dev.rewind.nn.Block;
import dev.rewind.nn.Linear;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CellCheckTest {
  /// A sum of values and one of their weights, which is positive.
  private record NormalisedState(Variable c, Variable n) implements State<NormalisedState> {
    @Override
    public Parts<NormalisedState> parts() {
      return Parts.of("c", c, "n", n, NormalisedState::new);
    }
  }

  /// `n = n + e^i; c = c + e^i v; h = c / sqrt(n)` with linear functions `i` and `v` of the input.
  private static final class NormalisedCell extends Block implements Cell<NormalisedState> {
    private final Linear weight;
    private final Linear value;
    private final UnaryOperator<Variable> fault;

    NormalisedCell(boolean registersAll, UnaryOperator<Variable> fault) {
      weight = child("weight", new Linear(2, 3, Rng.of(1)));
      Linear made = new Linear(2, 3, Rng.of(2));
      value = registersAll ? child("value", made) : made;
      this.fault = fault;
    }

    @Override
    public int inputSize() {
      return 2;
    }

    @Override
    public int outputSize() {
      return 3;
    }

    @Override
    public NormalisedState initialState(Tape tape, int batch) {
      Variable zeros = tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), batch, 3));
      return new NormalisedState(zeros, zeros);
    }

    @Override
    public Step<NormalisedState> stepPrepared(Variable prepared, NormalisedState state) {
      Variable i = weight.forward(prepared).exp();
      Variable n = fault.apply(state.n()).plus(i);
      Variable c = state.c().plus(i.times(value.forward(prepared)));
      return new Step<>(c.divide(n.sqrt()), new NormalisedState(c, n));
    }
  }

  private static NormalisedState positive(NormalisedState drawn) {
    return new NormalisedState(drawn.c(), drawn.n().square().plus(0.5));
  }

  @Test
  void aCellStartsFromTheStateThatIsGiven() {
    NormalisedCell cell = new NormalisedCell(true, x -> x);
    CellCheck<NormalisedState> check = CellCheck.of(cell).seed(2);
    assertThat(check.run()).returns(false, CheckResult::passes);
    assertThat(check.run().message()).contains("NaN at this point");
    assertThat(check.startingFrom(CellCheckTest::positive).run().assertPasses().warnings()).isEmpty();
    check.startingFrom(CellCheckTest::positive).batch(3).steps(2).run().assertPasses();
    check.lengths(3, 0, 1).startingFrom(CellCheckTest::positive).run().assertPasses();
    check.startingFrom(drawn -> cell.initialState(drawn.c().tape(), 2)).run().assertPasses();
  }

  @Test
  void aStartOfAnotherShapeIsNamed() {
    CellCheck<NormalisedState> check = CellCheck.of(new NormalisedCell(true, x -> x))
        .startingFrom(drawn -> new NormalisedState(drawn.c(), drawn.n().slice(1, 0, 2)));
    assertThatExceptionOfType(ShapeException.class).isThrownBy(check::run)
        .withMessage("cell check: the start has state.n of shape [2, 2], the cell of [2, 3]");
  }

  @Test
  void verdictsGoByDottedNames() {
    UnaryOperator<Variable> wrong = x -> Op.record("wrong", x.value().copy(), Op.wrt(x, g -> g.times(1.5)));
    CheckResult leaf = CellCheck.of(new NormalisedCell(true, wrong)).steps(1).startingFrom(CellCheckTest::positive)
        .run();
    assertThat(leaf.message()).startsWith("gradient of state.n at [");
    CheckResult cut = CellCheck.of(new NormalisedCell(true, Variable::stopGradient)).steps(1)
        .startingFrom(CellCheckTest::positive).run();
    assertThat(cut.message()).startsWith("gradient of state.n: the analytic one is zero everywhere");
    Linear inner = new Linear(3, 3, Rng.of(3));
    CheckResult parameter = CellCheck.of(new Distorted(inner)).run();
    assertThat(parameter.worst().orElseThrow().what()).isEqualTo("gradient of parameter norm_b.weight");
  }

  /// `h = tanh(h W' + b)`, plus an input; the gradient of the weight is wrong.
  private static final class Distorted extends RecurrentCell<HiddenState> {
    private final Linear inner;

    Distorted(Linear inner) {
      super(3, 3, HiddenState::zeros);
      this.inner = child("norm_b", inner);
    }

    @Override
    public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
      Tape tape = prepared.tape();
      Variable weight = tape.watch(inner.namedParameters().get("weight"));
      Variable off = weight.minus(weight.stopGradient()); // zero, with the gradient of the weight
      Variable h = inner.forward(state.h()).plus(prepared).plus(off.sum()).tanh();
      return new Step<>(h, new HiddenState(h));
    }
  }

  @Test
  void aPartThatWasNotRegisteredIsNamed() {
    NormalisedCell forgetful = new NormalisedCell(false, x -> x);
    CellCheck<NormalisedState> check = CellCheck.of(forgetful).startingFrom(CellCheckTest::positive);
    CheckResult verdict = check.run();
    assertThat(verdict).returns(false, CheckResult::passes);
    assertThat(verdict.message()).contains("not checked, [weight [3, 2], bias [3]]").contains("child(..)");
    forgetful.value.freeze(".*", true);
    check.run().assertPasses();
  }
}

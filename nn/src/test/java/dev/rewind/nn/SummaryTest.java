package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.rnn.Bidirectional;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SummaryTest {
  /// Parts that are run in each of the ways in which a part can be run.
  private static final class Runs extends Block {
    final Embedding embedding = child("embedding", new Embedding(4, 3, Rng.of(1)));
    final Gru gru = child("gru", new Gru(RecurrentOptions.of(3, 2).withBidirectional(true), Rng.of(2)));
    final Bidirectional<LstmState, LstmState> both = child("both",
        new Bidirectional<>(new LstmCell(4, 1, Rng.of(3)), new LstmCell(4, 1, Rng.of(4))));
    final StackedCell<HiddenState> stack = child("stack",
        new StackedCell<>(List.of(new GruCell(2, 6, Rng.of(5)), new GruCell(6, 5, Rng.of(6)))));
    final LstmCell byHand = child("byHand", new LstmCell(5, 7, Rng.of(7)));
    final Sequential head = child("head",
        new Sequential(new LayerNorm(7), Variable::relu, new Linear(7, 9, Rng.of(8))));

    Runs() {
      child("never", new Linear(1, 1, Rng.of(9)));
    }

    Variable forward(Variable ids) { // [B, T] -> [9]
      Variable x = both.scan(gru.forward(embedding.forward(ids)).outputs()).outputs(); // [B, T, 2]
      List<Variable> steps = x.split(1, x.size(1)).stream().map(step -> step.squeeze(1)).toList(); // T x [B, 2]
      List<Variable> outputs = Recurrence.unroll(stack, steps, stack.initialState(x.tape(), x.size(0))).outputs();
      Variable last = byHand.step(outputs.getLast(), byHand.initialState(x.tape(), x.size(0))).output();
      return head.forward(last).mean(0);
    }
  }

  private static String parts(String summary) {
    return summary.lines().filter(line -> !line.contains("weight") && !line.contains("bias"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void showsWhatEachPartReturns() {
    Runs model = new Runs();
    Function<Tape, Variable> run = tape -> model.forward(tape.constant(Tensor.zeros(DType.INT32, 2, 3)));
    assertThat(parts(model.summary(run))).isEqualTo("""
        name                      kind           output      elements
        embedding                 Embedding      [2, 3, 3]         12
        gru                       Gru            [2, 3, 4]         84
        both                      Bidirectional  [2, 3, 2]         48
        both.forward              LstmCell       [2, 3, 1]         24
        both.backward             LstmCell       [2, 3, 1]         24
        stack                     StackedCell    3 x [2, 5]       375
        stack.0                   GruCell                         180
        stack.1                   GruCell                         195
        byHand                    LstmCell       [2, 7]           364
        head                      Sequential     [2, 9]            86
        head.0                    LayerNorm      [2, 7]            14
        head.2                    Linear         [2, 9]            72
        never                     Linear                            2
        total                     Runs           [9]              971
        """);
    assertThat(model.summary()).doesNotContain("output");
    try (Tape tape = Tape.inference()) { // on other tapes, nothing is noted
      assertThat(run.apply(tape).shape().sizes()).containsExactly(9);
    }
    assertThat(model.summary(run)).isEqualTo(model.summary(run));
  }

  /// A block that notes what it returns.
  private static final class Pairs extends Block {
    Variable forward(Variable x) {
      return Shapes.note(this, Variable.concat(0, List.of(x, x)));
    }
  }

  private static final class Model extends Block {
    final Pairs pairs = child("pairs", new Pairs());
  }

  @Test
  void aBlockOfOnesOwnMayNoteWhatItReturns() {
    Model model = new Model();
    assertThat(model.summary(tape -> model.pairs.forward(model.pairs.forward(tape.constant(Tensor.arange(3))))))
        .isEqualTo("""
            name   kind   output     elements
            pairs  Pairs  [6], [12]         0
            total  Model  [12]              0
            """);
  }
}

package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.PairState;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BlockTest {
  private static final class Net extends Block {
    private final Embedding embedding = child("embedding", new Embedding(4, 3, Rng.of(1)));
    private final Linear linear = child("linear", new Linear(2, 4, Rng.of(3)));

    private Net() {
      child("cells", new StackedCell<>(List.of(new LstmCell(3, 2, Rng.of(2))), 0));
      child("tied", embedding);
    }
  }

  private final Net net = new Net();

  @Test
  void namesAreDottedStableAndEachOnce() {
    assertThat(net.namedParameters().keySet()).containsExactly(
        "embedding.weight", "linear.weight", "linear.bias", "cells.0.weight_ih", "cells.0.weight_hh", "cells.0.bias");
    assertThat(net.parameterCount()).isEqualTo(12 + 8 + 4 + 24 + 16 + 8);
  }

  @Test
  void loadingChecksEverythingBeforeItChangesAnything() {
    Map<String, Tensor> state = new HashMap<>(net.state());
    state.put("linear.bias", Tensor.ones(DType.FLOAT32, 5));
    state.remove("cells.0.bias");
    state.put("extra", Tensor.scalar(1));
    state.put("embedding.weight", Tensor.zeros(DType.FLOAT32, 4, 3));
    Tensor before = net.embedding.weight().value().copy();
    assertThatIllegalArgumentException().isThrownBy(() -> net.load(state))
        .withMessageContaining("linear.bias is FLOAT32 [5], wanted FLOAT32 [4]")
        .withMessageContaining("cells.0.bias is missing").withMessageContaining("extra is not a parameter");
    assertThat(net.embedding.weight().value()).isEqualTo(before);
  }

  @Test
  void aCopyHasTheValuesAndIsFrozenAlikeButIsItsOwn() {
    Net other = new Net();
    other.parameters().forEach(p -> p.value().fill(0));
    net.freeze("linear.*", true);
    other.freeze("embedding.*", true);
    assertThat(net.copyTo(other)).isSameAs(other);
    assertThat(other.state()).isEqualTo(net.state());
    assertThat(other.parameters().stream().map(Param::isFrozen)).containsExactly(false, true, true, false, false,
        false);
    net.linear.parameters().getFirst().value().fill(9);
    assertThat(other.state()).isNotEqualTo(net.state());
    assertThatIllegalArgumentException().isThrownBy(() -> net.copyTo(new Linear(2, 4, Rng.of(1))))
        .withMessageStartingWith("load: weight is missing; bias is missing; embedding.weight is not a parameter");
  }

  @Test
  void theSummaryHasATotalForEveryPartAndSaysWhatIsFrozen() {
    net.freeze(".*weight_.h", true);
    net.freeze("linear.*", true);
    assertThat(net.summary()).isEqualTo("""
        name               kind         elements
        embedding          Embedding          12
        embedding.weight   [4, 3]             12
        linear             Linear             12  frozen
        linear.weight      [4, 2]              8  frozen
        linear.bias        [4]                 4  frozen
        cells              StackedCell        48  40 frozen
        cells.0            LstmCell           48  40 frozen
        cells.0.weight_ih  [8, 3]             24  frozen
        cells.0.weight_hh  [8, 2]             16  frozen
        cells.0.bias       [8]                 8
        tied               Embedding           0
        tied.weight        [4, 3]                 shared with embedding.weight
        total              Net                72  52 frozen
        """);
    assertThat(new Linear(500, 4, Rng.of(1)).summary()).endsWith("total   Linear       2,004\n");
  }

  @Test
  void modulesAreShownInOneLine() {
    assertThat(net).hasToString(
        "Net(embedding Embedding 12, linear Linear 12, cells StackedCell 48, tied Embedding 12; 72 elements)");
    assertThat(net.linear).hasToString("Linear(weight [4, 2], bias [4]; 12 elements)");
    assertThat(new LstmCell(50, 10, Rng.of(1)))
        .hasToString("LstmCell(weight_ih [40, 50], weight_hh [40, 10], bias [40]; 2,440 elements)");
    assertThat(new Dropout(0.25)).hasToString("Dropout(0.25)");
    try (Tape tape = Tape.inference()) {
      LstmCell cell = new LstmCell(3, 2, Rng.of(2));
      StackedCell<LstmState> stack = new StackedCell<>(List.of(cell), 0);
      assertThat(stack.initialState(tape, 5)).hasToString("StackedState(0.h [5, 2], 0.c [5, 2])");
      assertThat(new PairState<>(cell.initialState(tape, 1),
          new HiddenState(tape.constant(Tensor.zeros(DType.FLOAT32, 1, 4)))))
          .hasToString("PairState(first.h [1, 2], first.c [1, 2], second.h [1, 4])");
      TbpttState<LstmState> carried = new TbpttState<>(cell, 2);
      assertThat(carried).hasToString("TbpttState(batch 2, all begin anew)");
      carried.keep(cell.initialState(tape, 2));
      carried.reset(new boolean[] {true, false});
      assertThat(carried).hasToString("TbpttState(batch 2, leaves [[2, 2], [2, 2]], some begin anew)");
    }
  }

  @Test
  void parametersAreInitializedByPatternEachFromItsOwnStream() {
    Map<String, Tensor> before = net.state();
    int matched = net.initialize("cells.*weight_hh", Rng.of(5),
        (rng, shape) -> Init.orthogonalGates(rng, 4, shape.size(1)));
    assertThat(matched).isEqualTo(1);
    Tensor block = net.namedParameters().get("cells.0.weight_hh").value().slice(0, 2, 4);
    assertThat(block.matmul(block.transpose()).allClose(Tensor.eye(DType.FLOAT32, 2), 0, 1e-6)).isTrue();
    assertThat(net.state().get("linear.weight")).isEqualTo(before.get("linear.weight"));

    Net other = new Net();
    net.initialize(".*", Rng.of(6), (rng, shape) -> Init.normal(rng, 1, shape.sizes()));
    other.initialize("linear.*", Rng.of(6), (rng, shape) -> Init.normal(rng, 1, shape.sizes()));
    assertThat(other.linear.state()).isEqualTo(net.linear.state());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> net.initialize("linear.bias", Rng.of(1), (rng, shape) -> Init.constant(0, 4, 1)))
        .withMessage("initialize: linear.bias is [4], drawn was [4, 1]");
  }

  @Test
  void namesAreOneOfAKindAndHaveNoDot() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Block() {
      {
        child("a", new LayerNorm(1));
        parameter("a", new Param("p", Tensor.zeros(DType.FLOAT32, 1)));
      }
    }).withMessageContaining("'a' is taken");
  }

  @Test
  void embeddingIsTheProductWithOneHotVectors() {
    Tensor ids = Tensor.of(new int[] {2, 0, 2}, 3);
    Tensor oneHot = Tensor.eye(DType.FLOAT32, 4).gather(ids, 0);
    try (Tape tape = Tape.inference()) {
      Tensor looked = net.embedding.forward(tape.constant(ids)).value();
      assertThat(looked).isEqualTo(oneHot.matmul(net.embedding.weight().value()));
    }
  }

  @Test
  void frozenPartsAreConstants() {
    assertThat(net.freeze("cells", true)).isEqualTo(3);
    assertThat(net.freeze("cells.0.weight_hh", true)).isEqualTo(1);
    assertThat(net.freeze("cells\\..*", true)).isEqualTo(3);
    assertThat(net.freeze("cells\\.[01]", true)).isEqualTo(3);
    assertThat(net.freeze(".*weight_.h", true)).isEqualTo(2);
    assertThatIllegalArgumentException().isThrownBy(() -> net.freeze("cell", true))
        .withMessage("freeze: 'cell' is not a parameter, "
            + "a part, or a regular expression for some; the nearest are cells, cells.0, linear, embedding, "
            + "cells.0.bias and 5 more");
    assertThatIllegalArgumentException().isThrownBy(() -> net.initialize("bias", Rng.of(1), (rng, shape) -> null))
        .withMessageStartingWith("initialize: 'bias' is not a parameter");
    try (Tape tape = Tape.recording()) {
      assertThat(tape.watch(net.namedParameters().get("cells.0.bias")).isTracked()).isFalse();
      assertThat(tape.watch(net.namedParameters().get("linear.bias")).isTracked()).isTrue();
      assertThat(net.linear.forward(tape.constant(Tensor.zeros(DType.FLOAT32, 1, 2))).isTracked()).isTrue();
    }
  }

  @Test
  void dropoutActsInTrainingAloneAndKeepsTheMean() {
    Dropout dropout = new Dropout(0.25);
    Tensor ones = Tensor.ones(DType.FLOAT32, 100, 100);
    try (Tape evaluation = Tape.inference();
        Tape training = Tape.recording(dev.rewind.autograd.TapeOptions.defaults().withRng(Rng.of(1)))) {
      assertThat(dropout.forward(evaluation.constant(ones)).value()).isEqualTo(ones);
      Tensor dropped = dropout.forward(training.constant(ones)).value();
      assertThat(dropped.mean().item()).isBetween(0.97, 1.03);
      assertThat(dropped.equalTo(0).or(dropped.equalTo(1 / 0.75f)).all().item()).isEqualTo(1);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Dropout(1)).withMessageContaining("1.0");
  }
}

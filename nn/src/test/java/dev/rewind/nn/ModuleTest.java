package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.rnn.LstmCell;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private static final class Net extends Module {
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
    assertThat(net.summary()).contains("cells.0.weight_hh").contains("72");
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
  void aStateLoadedElsewhereMakesACopy() {
    Net other = new Net();
    other.parameters().forEach(p -> p.value().fill(0));
    other.load(net.state());
    assertThat(other.state()).isEqualTo(net.state());
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
    assertThat(net.freeze("cells\\..*", true)).isEqualTo(3);
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

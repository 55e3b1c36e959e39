package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.optim.Adagrad;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.optim.AdamW;
import dev.rewind.nn.optim.Optimizer;
import dev.rewind.nn.optim.RmsProp;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Pooling;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Whole models whose parameters are FLOAT64, on tapes that say nothing of a dtype.
class DoubleModelTest {
  private static final Tensor IDS = Tensor.of(new int[][] {{1, 2, 3, 4}, {5, 3, 0, 0}});
  private static final Tensor TARGETS = Tensor.of(new int[] {2, 0});
  private static final int[] LENGTHS = {4, 2};

  private static final class Classifier extends Block {
    final Embedding embedding = child("embedding", Embedding.withPadding(6, 5, 0, Rng.of(1)));
    final Lstm lstm = child("lstm",
        new Lstm(RecurrentOptions.of(5, 4).withLayers(2).withBidirectional(true).withDropout(0.2), Rng.of(2)));
    final Sequential head = child("head",
        new Sequential(new LayerNorm(8), new Dropout(0.1), new Linear(8, 3, Rng.of(3))));

    Variable loss(Tape tape) {
      Variable read = lstm.forward(embedding.forward(tape.constant(IDS)), LENGTHS).outputs();
      return Losses.crossEntropy(head.forward(Pooling.mean(read, LENGTHS)), TARGETS);
    }
  }

  private static double lossOf(Classifier model) {
    try (Tape tape = Tape.inference()) {
      return model.loss(tape).item();
    }
  }

  @Test
  void everyOptimizerTrainsAWholeModelInDouble() {
    List<Function<List<Param>, Optimizer>> makers = List.of(p -> new Sgd(p, 0.3), p -> new Adagrad(p, 0.1),
        p -> new RmsProp(p, 0.01), p -> new Adam(p, 0.02), p -> new AdamW(p, 0.02));
    for (Function<List<Param>, Optimizer> maker : makers) {
      Classifier model = new Classifier();
      double narrow = lossOf(model);
      model.to(DType.FLOAT64);
      double wide = lossOf(model);
      assertThat(wide).isCloseTo(narrow, within(1e-6)).isNotEqualTo(narrow);
      Optimizer optimizer = maker.apply(model.parameters());
      for (int i = 0; i < 30; i++) {
        try (Tape tape = Tape.training(Rng.of(5).split(i))) {
          Variable loss = model.loss(tape);
          assertThat(loss.dtype()).isEqualTo(DType.FLOAT64);
          optimizer.step(tape.gradients(loss).clipByNorm(5));
        }
      }
      assertThat(lossOf(model)).isLessThan(wide / 2);
      assertThat(model.parameters()).allMatch(parameter -> parameter.dtype() == DType.FLOAT64);
      assertThat(optimizer.state().values()).allMatch(x -> x.rank() == 0 || x.dtype() == DType.FLOAT64);
    }
  }

  @Test
  void aModelIsConvertedAndBack() {
    Classifier model = new Classifier();
    assertThat(model.dtype()).isEqualTo(DType.FLOAT32);
    var before = model.state();
    String summary = model.summary();
    model.to(DType.FLOAT64);
    assertThat(model.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(model.summary()).contains("FLOAT64 [6, 5] ").isNotEqualTo(summary);
    assertThatIllegalArgumentException().isThrownBy(() -> model.load(before)).withMessageContaining("FLOAT64");
    model.to(DType.FLOAT32);
    assertThat(model.state()).isEqualTo(before);
    assertThat(model.summary()).isEqualTo(summary);
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> model.to(DType.INT32))
        .withMessage("parameter weight: wants FLOAT32 or FLOAT64, not INT32");
    assertThat(model.state()).isEqualTo(before);
    assertThat(new Sequential(Variable::tanh).dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void aCarriedStateIsOfTheDtypeOfTheModel() {
    LstmCell cell = new LstmCell(2, 3, Rng.of(1));
    cell.to(DType.FLOAT64);
    TbpttState<LstmState> carried = new TbpttState<>(cell, 2);
    for (int window = 0; window < 2; window++) {
      try (Tape tape = Tape.recording()) {
        Variable x = tape.constant(Tensor.ones(DType.FLOAT64, 2, 3, 2));
        carried.keep(Recurrence.scan(cell, x, carried.on(tape)).state());
      }
    }
    TbpttState<LstmState> resumed = new TbpttState<>(cell, 2);
    resumed.load(carried.state());
    assertThat(resumed.state()).isEqualTo(carried.state()).allSatisfy(
        (name, leaf) -> assertThat(leaf.dtype()).isEqualTo(DType.FLOAT64));
  }

  @Test
  void inputsOfTheOtherDtypeAreRefused() {
    GruCell cell = new GruCell(2, 3, Rng.of(1));
    cell.to(DType.FLOAT64);
    try (Tape tape = Tape.inference()) {
      assertThatExceptionOfType(DTypeException.class)
          .isThrownBy(() -> Recurrence.scan(cell, tape.constant(Tensor.ones(DType.FLOAT32, 1, 2, 2))))
          .withMessageContaining("wants inputs of FLOAT64, not FLOAT32");
    }
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT32))) {
      Variable narrow = tape.constant(Tensor.ones(DType.FLOAT32, 1, 2, 2));
      assertThat(Recurrence.scan(cell, narrow).state().h().dtype()).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void anOptimizerThatWasMadeBeforeRefusesToStep() {
    Classifier model = new Classifier();
    Adam adam = new Adam(model.namedParameters(), 0.02, Adam.Options.defaults());
    model.to(DType.FLOAT64);
    try (Tape tape = Tape.training(Rng.of(5))) {
      assertThatIllegalArgumentException().isThrownBy(() -> adam.step(tape.gradients(model.loss(tape))))
          .withMessageContaining("FLOAT64");
    }
  }
}

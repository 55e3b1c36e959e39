package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.generate.Session;
import dev.rewind.nn.generate.Sessions;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrentLayersTest {
  private static final int BATCH = 3;
  private static final int STEPS = 4;
  private static final int INPUTS = 5;
  private static final RecurrentOptions OPTIONS = RecurrentOptions.of(INPUTS, 2).withLayers(2);

  private static Tensor normal(DType dtype, int... sizes) {
    return Tensor.normal(Rng.of(1), dtype, 0, 1, sizes);
  }

  static Stream<RecurrentLayer<?>> layers() {
    return Stream.of(OPTIONS, OPTIONS.withBidirectional(true)).flatMap(options -> Stream.of(
        new Lstm(options, 1, Rng.of(2)), new Gru(options, Rng.of(2)), new Rnn(options, Rng.of(2)),
        new Rnn(options, RnnCell.Nonlinearity.RELU, Rng.of(2))));
  }

  /// The definition: one sequence alone, its cells step by step over a list.
  private static <S extends State<S>> Tensor byHand(RecurrentLayer<S> layer, Tape tape, Tensor sequence) {
    int steps = sequence.size(0);
    List<Variable> list = tape.constant(sequence.unsqueeze(0)).split(1, steps).stream().map(x -> x.squeeze(1)).toList();
    int directions = layer.options().bidirectional() ? 2 : 1;
    for (int k = 0; k < layer.cells().size(); k += directions) {
      Cell<S> cell = layer.cells().get(k);
      List<Variable> outputs = Recurrence.unroll(cell, list, cell.initialState(tape, 1)).outputs();
      if (directions == 2) {
        Cell<S> back = layer.cells().get(k + 1);
        List<Variable> reversed = Recurrence.unroll(back, list.reversed(), back.initialState(tape, 1)).outputs()
            .reversed();
        List<Variable> both = new ArrayList<>();
        for (int t = 0; t < steps; t++) {
          both.add(Variable.concat(1, List.of(outputs.get(t), reversed.get(t))));
        }
        outputs = both;
      }
      list = outputs;
    }
    return Variable.stack(1, list).value().select(0, 0);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void eachSequenceIsReadAsIfItWereAlone(RecurrentLayer<?> layer) {
    readsEachAlone(layer);
  }

  private static <S extends State<S>> void readsEachAlone(RecurrentLayer<S> layer) {
    Tensor x = normal(DType.FLOAT32, BATCH, STEPS, INPUTS);
    int[] lengths = {STEPS, 0, 1};
    x.slice(0, 1, 2).fill(Float.NaN);
    x.slice(0, 2, 3).slice(1, 1, STEPS).fill(Float.NaN);
    try (Tape tape = Tape.inference()) {
      Scanned<StackedState<S>> run = layer.forward(tape.constant(x), layer.initialState(tape, BATCH), lengths);
      Tensor outputs = run.outputs().value();
      assertThat(outputs.shape().sizes()).containsExactly(BATCH, STEPS, layer.outputSize());
      for (int b = 0; b < BATCH; b++) {
        if (lengths[b] > 0) {
          Tensor alone = byHand(layer, tape, x.select(0, b).slice(0, 0, lengths[b]));
          assertThat(outputs.select(0, b).slice(0, 0, lengths[b]).allClose(alone, 1e-5, 1e-6)).isTrue();
        }
        assertThat(outputs.select(0, b).slice(0, lengths[b], STEPS))
            .isEqualTo(Tensor.zeros(DType.FLOAT32, STEPS - lengths[b], layer.outputSize()));
      }
      run.state().leaves().forEach(leaf -> {
        assertThat(leaf.value().slice(0, 1, 2)).isEqualTo(Tensor.zeros(DType.FLOAT32, 1, 2)); // of length 0
        assertThat(leaf.value().isFinite().all().item()).isEqualTo(1);
      });
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void gradientsAgreeWithNumericalOnes(RecurrentLayer<?> layer) {
    checkGradients(layer);
  }

  private static <S extends State<S>> void checkGradients(RecurrentLayer<S> layer) {
    List<Tensor> at = new ArrayList<>(List.of(normal(DType.FLOAT64, BATCH, STEPS, INPUTS)));
    try (Tape shapes = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      layer.initialState(shapes, BATCH).leaves().forEach(leaf -> at.add(normal(DType.FLOAT64, leaf.shape().sizes())));
    }
    GradientCheck.ofMany(xs -> {
      StackedState<S> start = layer.initialState(xs.getFirst().tape(), BATCH).withLeaves(xs.subList(1, xs.size()));
      Scanned<StackedState<S>> run = layer.forward(xs.getFirst(), start, new int[] {STEPS, 0, 2});
      List<Variable> all = new ArrayList<>(List.of(run.outputs().reshape(-1)));
      run.state().leaves().forEach(leaf -> all.add(leaf.reshape(-1)));
      return Variable.concat(0, all);
    }).at(at.toArray(Tensor[]::new)).withParameters(layer.parameters()).run().assertPasses();
  }

  @Test
  void parametersHavePyTorchsNamesAndAreThoseOfTheCells() {
    Gru gru = new Gru(OPTIONS.withBidirectional(true), Rng.of(2));
    assertThat(gru.namedParameters().keySet()).containsExactly(
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
        "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse",
        "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1",
        "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse");
    assertThat(gru.namedParameters().get("weight_ih_l1").value().shape().sizes()).containsExactly(6, 4);
    Lstm lstm = new Lstm(OPTIONS, Rng.of(2));
    assertThat(lstm.namedParameters().keySet())
        .containsExactly("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1");
    List<Param> ofCells = lstm.cells().stream().flatMap(cell -> ((LstmCell) cell).parameters().stream()).toList();
    assertThat(lstm.parameters()).isEqualTo(ofCells);
    assertThat(new Lstm(OPTIONS, 1, Rng.of(2)).namedParameters().get("bias_ih_l1").value().slice(0, 2, 4).minus(
        lstm.namedParameters().get("bias_ih_l1").value().slice(0, 2, 4))
        .allClose(Tensor.ones(DType.FLOAT32, 2), 1e-6, 1e-6))
        .isTrue();
  }

  @Test
  void elementsAreDroppedBetweenLayersInTrainingAlone() {
    Gru gru = new Gru(OPTIONS.withDropout(0.5), Rng.of(2));
    Tensor x = normal(DType.FLOAT32, 20, STEPS, INPUTS);
    try (Tape evaluation = Tape.inference();
        Tape training = Tape.inference(TapeOptions.defaults().withRng(Rng.of(3)))) {
      Scanned<StackedState<HiddenState>> plain = gru.forward(evaluation.constant(x));
      Scanned<StackedState<HiddenState>> dropped = gru.forward(training.constant(x));
      assertThat(dropped.state().layers().getFirst().h().value())
          .isEqualTo(plain.state().layers().getFirst().h().value());
      assertThat(dropped.outputs().value()).isNotEqualTo(plain.outputs().value());
      assertThat(new Gru(OPTIONS, Rng.of(2)).forward(evaluation.constant(x)).outputs().value())
          .isEqualTo(plain.outputs().value());
    }
  }

  @Test
  void oneDirectionCanBeSteppedThrough() {
    Lstm lstm = new Lstm(OPTIONS.withDropout(0.2), Rng.of(2));
    Tensor x = normal(DType.FLOAT32, BATCH, STEPS, INPUTS);
    try (Tape tape = Tape.inference()) {
      Tensor outputs = lstm.forward(tape.constant(x)).outputs().value();
      Session<StackedState<LstmState>> session = Sessions.of(lstm.stacked()).open(BATCH);
      for (int t = 0; t < STEPS; t++) {
        assertThat(session.step(x.select(1, t))).isEqualTo(outputs.select(1, t));
      }
    }
    assertThatIllegalStateException().isThrownBy(() -> new Gru(OPTIONS.withBidirectional(true), Rng.of(1)).stacked())
        .withMessageContaining("also reads from the end");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> OPTIONS.withLayers(0))
        .withMessage("recurrent layer: layers must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> OPTIONS.withDropout(1))
        .withMessage("recurrent layer: dropout must be in [0, 1), not 1.0");
    assertThatIllegalArgumentException().isThrownBy(() -> RecurrentOptions.of(0, 1)).withMessageContaining("inputSize");
    Rnn rnn = new Rnn(OPTIONS, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(normal(DType.FLOAT32, BATCH, STEPS, INPUTS));
      StackedState<HiddenState> state = rnn.initialState(tape, BATCH);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> rnn.forward(x, new StackedState<>(state.layers().subList(0, 1))))
          .withMessage("forward: 1 states for 2 cells");
      assertThatIllegalArgumentException().isThrownBy(() -> rnn.forward(x, state, new int[] {1, 5, 0}))
          .withMessageContaining("sequence 1 has length 5");
    }
  }
}

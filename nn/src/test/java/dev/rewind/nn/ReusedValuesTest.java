package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.nn.rnn.Unrolled;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tapes that reuse the memory of values.
class ReusedValuesTest {
  private static final int BATCH = 24; // enough rows for two threads, so that operations are deferred
  private static final int TIME = 7;

  private final int threads = Threads.count();

  @BeforeEach
  void shareOut() {
    Threads.resize(2);
  }

  @AfterEach
  void resize() {
    Threads.resize(threads);
  }

  static Stream<Function<Rng, Cell<?>>> cells() {
    return Stream.of(rng -> new MixtureCell(5, 8, 2, rng), rng -> new PeepholeLstmCell(5, 8, rng),
        rng -> new MinGruCell(5, 8, rng));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void stepsHaveTheSameBits(Function<Rng, Cell<?>> maker) {
    assertThat(trained(maker.apply(Rng.of(1)), TapeOptions.defaults().reusingValues()))
        .containsExactlyElementsOf(trained(maker.apply(Rng.of(1)), TapeOptions.defaults()));
  }

  /// The losses of some steps by all drivers, the gradients of the last, and the parameters at the end.
  private static <S extends State<S>> List<Double> trained(Cell<S> cell, TapeOptions options) {
    Block model = (Block) cell;
    Adam adam = new Adam(model.parameters(), 0.05);
    TbpttState<S> carried = new TbpttState<>(cell, BATCH);
    List<Double> numbers = new ArrayList<>();
    Gradients gradients = null;
    for (int i = 0; i < 8; i++) {
      int[] lengths = new int[BATCH];
      Rng rng = Rng.of(i);
      for (int b = 0; b < BATCH; b++) {
        lengths[b] = i % 2 == 0 ? TIME : rng.nextInt(TIME + 1);
      }
      try (Tape tape = Tape.recording(options)) {
        Variable x = tape.constant(Tensor.normal(rng, DType.FLOAT32, 0, 1, BATCH, TIME, 5));
        Scanned<S> run = i % 3 == 0 ? Recurrence.scan(cell, x, carried.on(tape), lengths)
            : i % 3 == 1 ? Recurrence.scanRecomputing(cell, x, carried.on(tape), 3, lengths)
                : stacked(Recurrence.unroll(cell, x.split(1, TIME).stream().map(step -> step.squeeze(1)).toList(),
                    carried.on(tape), lengths));
        Variable loss = run.outputs().square().mean();
        gradients = tape.gradients(loss);
        numbers.add(loss.item());
        carried.keep(run.state());
      }
      adam.step(gradients); // after the tape is closed
    }
    for (var parameter : model.parameters()) {
      numbers.add(gradients.of(parameter).sumOfSquares());
      numbers.add(parameter.value().sumOfSquares());
    }
    return numbers;
  }

  private static <S extends State<S>> Scanned<S> stacked(Unrolled<S> run) {
    return new Scanned<>(Variable.stack(1, run.outputs()), run.state());
  }

  @Test
  void aValueIsGoneWithItsTapeAndAGradientIsNot() {
    MixtureCell cell = new MixtureCell(5, 8, 2, Rng.of(1));
    Variable kept;
    Tensor copy;
    Variable input;
    Gradients gradients;
    try (Tape tape = Tape.recording(TapeOptions.defaults().reusingValues())) {
      input = tape.watch(Tensor.ones(DType.FLOAT32, BATCH, TIME, 5));
      var run = Recurrence.scan(cell, input);
      kept = run.state().leaves().getFirst();
      copy = kept.value().copy();
      gradients = tape.gradients(run.outputs().sum());
    }
    assertThat(copy.shape()).isEqualTo(kept.shape());
    assertThat(copy.isFinite().all().item()).isEqualTo(1);
    assertThat(gradients.of(input).isFinite().all().item()).isEqualTo(1);
    assertThatThrownBy(kept::item).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> kept.value().sum()).isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the values of this tensor are gone: its tape reuses their memory and was closed; copy() the tensor "
                + "before that");
  }

  @Test
  void soAreOutputsOfAFewSequencesButNoCopies() {
    MixtureCell cell = new MixtureCell(5, 8, 2, Rng.of(1));
    List<Tensor> copies = new ArrayList<>();
    Variable outputs;
    try (Tape tape = Tape.recording(TapeOptions.defaults().reusingValues())) {
      outputs = tape.lendTo(() -> {
        Variable x = tape.constant(Tensor.ones(DType.FLOAT32, 2, TIME, 5));
        copies.add(x.value().copy());
        copies.add(x.times(2).value().copy());
        return Recurrence.scan(cell, x).outputs();
      });
      copies.add(outputs.value().copy());
    }
    assertThat(copies).allSatisfy(copy -> assertThat(copy.isFinite().all().item()).isEqualTo(1));
    assertThatThrownBy(() -> outputs.value().sum()).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("copy() the tensor before that");
  }

  /// A rule may hand on a value of the tape as the gradient.
  @Test
  void aGradientThatIsAValueIsCopied() {
    Tensor start = Tensor.ones(DType.FLOAT32, BATCH, 8);
    Variable x;
    Gradients gradients;
    try (Tape tape = Tape.recording(TapeOptions.defaults().reusingValues())) {
      x = tape.watch(start);
      Variable first = x;
      Variable y = tape.fuseRows(BATCH, List.of(x), () -> first.times(3.0).tanh());
      Variable sum = dev.rewind.autograd.Op.record("sum", y.value().sum(),
          dev.rewind.autograd.Op.wrt(y, g -> tape.constant(y.value())));
      y.retainGradient();
      gradients = tape.gradients(sum);
      assertThat(gradients.of(y).sharesStorage(y.value())).isFalse();
    }
    assertThat(gradients.of(x).isFinite().all().item()).isEqualTo(1);
  }
}

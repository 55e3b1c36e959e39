package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The programs of `docs/drivers.md`.
class DriversGuideTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final int batch = 3;
  private final int steps = 4;
  private final Rng rng = Rng.of(6);
  private final LstmCell cell = new LstmCell(3, 5, Rng.of(1));
  private final Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, batch, steps, 3);
  private final Embedding embedding = new Embedding(6, 3, Rng.of(3));
  private final Linear projection = new Linear(5, 6, Rng.of(4));

  @Test
  void everySnippetIsPartOfThisTest() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "drivers.md"));
    String tests = withoutIndentation(Files.readString(
        Path.of("src", "test", "java", "dev", "rewind", "nn", "rnn", "DriversGuideTest.java")));
    assertThat(SNIPPET.matcher(guide).results().map(snippet -> withoutIndentation(snippet.group(1))).toList())
        .hasSizeGreaterThan(10).allSatisfy(snippet -> assertThat(tests).contains(snippet));
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void scanAndUnroll() {
    try (Tape tape = Tape.recording()) {
      Variable inputs = tape.constant(x);                                     // [B, T, F]
      Scanned<LstmState> run = Recurrence.scan(cell, inputs, cell.initialState(tape, batch));
      Variable outputs = run.outputs();                                       // [B, T, H]
      Variable memory = run.state().c();                                      // [B, H], after the last step

      List<Variable> list = inputs.split(1, steps).stream().map(step -> step.squeeze(1)).toList();   // T x [B, F]
      Unrolled<LstmState> unrolled = Recurrence.unroll(cell, list, cell.initialState(tape, batch));  // T x [B, H]

      assertThat(outputs.value().allClose(Variable.stack(1, unrolled.outputs()).value(), 1e-5, 1e-6)).isTrue();
      assertThat(memory.value().allClose(unrolled.state().c().value(), 1e-5, 1e-6)).isTrue();
    }
  }

  @Test
  void lengths() {
    Tensor targets = Tensor.of(new int[] {1, 2, 3, 4, 0, 0, 0, 0, 5, 1, 0, 0}, batch, steps);
    try (Tape tape = Tape.recording()) {
      Variable inputs = tape.constant(x);
      int[] lengths = {4, 0, 2};                                              // of each sequence, at most T
      Scanned<LstmState> padded = Recurrence.scan(cell, inputs, cell.initialState(tape, batch), lengths);
      Variable loss = Losses.crossEntropy(projection.forward(padded.outputs()), targets, Lengths.mask(lengths, steps));
      assertThat(tape.gradients(loss).areFinite()).isTrue();
    }
  }

  @Test
  void bothDirections() {
    int[] lengths = {4, 0, 2};
    try (Tape tape = Tape.recording()) {
      Variable inputs = tape.constant(x);
      Bidirectional<LstmState, HiddenState> both = new Bidirectional<>(
          new LstmCell(3, 5, Rng.of(1)), new GruCell(3, 4, Rng.of(2)));
      Scanned<PairState<LstmState, HiddenState>> run = both.scan(inputs, both.initialState(tape, batch), lengths);
      Variable features = run.outputs();                                      // [B, T, 5 + 4]
      Variable start = run.state().second().h();                              // [B, 4], after the first step
      assertThat(features.shape().sizes()).containsExactly(3, 4, 9);
      assertThat(start.value().select(0, 0)).isEqualTo(features.value().select(0, 0).select(0, 0).slice(0, 5, 9));
    }
  }

  @Test
  void stepByStep() {
    double limit = 0.2;
    Trace trace = new Trace();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(trace))) {
      Variable inputs = tape.constant(x);
      for (Step<LstmState> step : Recurrence.steps(cell, inputs, cell.initialState(tape, batch))) {
        if (step.state().c().value().abs().max().item() > limit) {
          break;                                                              // what follows is not computed
        }
      }
    }
    assertThat(trace.steps("c")).hasSizeLessThan(steps);
  }

  @Test
  void traces() {
    StackedCell<LstmState> stack = new StackedCell<>(List.of(cell, new LstmCell(5, 2, Rng.of(5))), 0);
    Trace trace = new Trace();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(trace))) {
      Recurrence.scan(stack, tape.constant(x), stack.initialState(tape, batch));
    }
    Tensor forget = trace.of("1.f");                                        // [B, T, H]: the forget gates of layer 1
    Tensor third = trace.steps("0.h").get(2);                               // [B, H]: the output of layer 0 at step 2
    assertThat(forget.shape().sizes()).containsExactly(batch, steps, 2);
    assertThat(third.shape().sizes()).containsExactly(batch, 5);
  }

  @Test
  void windowsOfALongText() {
    List<Tensor> windows = List.of(x, x.times(0.5), x.negate());
    Sgd optimizer = new Sgd(cell.parameters(), 0.1);
    CarriedState<LstmState> carried = new CarriedState<>(cell, batch);
    for (Tensor window : windows) {                                         // [B, T, F], one after another in the text
      try (Tape tape = Tape.training(rng)) {
        Scanned<LstmState> run = Recurrence.scan(cell, tape.constant(window), carried.on(tape));
        optimizer.step(tape.gradients(run.outputs().square().mean()));
        carried.keep(run.state());
      }
    }
    assertThat(carried.state().keySet()).containsExactly("h", "c");
  }

  @Test
  void longSequences() {
    try (Tape tape = Tape.recording()) {
      Variable inputs = tape.constant(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, batch, 250, 3));
      Scanned<LstmState> run = Recurrence.scanRecomputing(cell, inputs, cell.initialState(tape, batch), 100);
      assertThat(tape.length()).isEqualTo(4); // three segments, and one entry that joins their outputs
      assertThat(tape.gradients(run.outputs().sum()).parameters()).hasSize(3);
    }
  }

  @Test
  void writing() {
    int[] prompt = {1, 2};
    int end = 0;
    try (Tape tape = Tape.inference()) {
      Decoder decoder = Decoder.of((symbols, state) -> {
        Step<LstmState> step = cell.step(embedding.forward(symbols), state);
        return new Step<>(projection.forward(step.output()), step.state());   // [rows, symbols]
      }, cell.initialState(tape, 1));

      Decoder faster = Decoder.of(Sessions.of(embedding, cell, projection).open());

      int[] written = new Sampling(0.8, 0, 0.95).symbols(faster, prompt, Rng.of(7))
          .limit(100).takeWhile(symbol -> symbol != end).toArray();

      List<Hypothesis> best = BeamSearch.of(4, 30).withEnd(end).withLengthPenalty(0.6).search(decoder, prompt);
      int[] likeliest = best.getFirst().toArray();

      assertThat(written).doesNotContain(end).hasSizeLessThanOrEqualTo(100);
      assertThat(likeliest.length).isBetween(1, 30);
    }
  }
}

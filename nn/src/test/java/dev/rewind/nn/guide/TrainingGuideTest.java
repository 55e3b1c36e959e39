package dev.rewind.nn.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Layer;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.Sequential;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.optim.Accumulation;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.optim.AdamW;
import dev.rewind.nn.optim.ElementwiseOptimizer;
import dev.rewind.nn.optim.Schedule;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.LstmCell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The programs of docs/training.md, with what they must give; the last test holds both together.
class TrainingGuideTest {
  private static final int SYMBOLS = 6;
  private static final int PADDING = 0;

  /// Says which symbol comes next, by the table that it reads from.
  private static final class Tagger extends Block {
    private final Embedding embedding = child("embedding", Embedding.withPadding(SYMBOLS, 8, PADDING, Rng.of(1)));
    private final LstmCell cell = child("cell", new LstmCell(8, 8, Rng.of(2)));
    private final Linear projection = child("projection", Linear.tiedTo(embedding));

    private Variable forward(Variable ids) {   // [batch, time] to [batch, time, symbols]
      Variable embedded = embedding.forward(ids);
      return projection.forward(
          Recurrence.scan(cell, embedded, cell.initialState(ids.tape(), ids.size(0))).outputs());
    }
  }

  private final Rng rng = Rng.of(1);
  private final Tagger model = new Tagger();
  private final Tensor ids = Tensor.of(new int[][] {{1, 2, 3, 4}, {2, 3, PADDING, PADDING}});
  private final Tensor targets = Tensor.of(new int[][] {{2, 3, 4, 5}, {3, 4, PADDING, PADDING}});
  private final int[] lengths = {4, 2};

  private Gradients gradients(Tensor ids, Tensor targets, Tensor mask) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(Losses.crossEntropy(model.forward(tape.constant(ids)), targets, mask));
    }
  }

  @Test
  void aLoop() {
    Tensor mask = Lengths.mask(lengths, 4);                                // [batch, time]
    Adam adam = new Adam(model.namedParameters(), 1e-2, Adam.Options.defaults());
    Schedule schedule = Schedule.cosine(1e-2, 1e-4, 300).afterWarmUp(20);
    double last = 0;
    for (int iteration = 0; iteration < 150; iteration++) {
      try (Tape tape = Tape.training(rng)) {
        Variable loss = Losses.crossEntropy(model.forward(tape.constant(ids)), targets, mask);
        adam.learningRate(schedule.at(iteration));
        adam.step(tape.gradients(loss).clipByNorm(5));
        last = loss.item();
      }
    }
    assertThat(last).isLessThan(0.1);
  }

  @Test
  void groups() {
    AdamW adam = new AdamW(model.namedParameters(), 1e-3, Adam.Options.defaults().withDecay(0.01));
    adam.rateFactor("embedding", 0.1);                // a tenth of the learning rate for all of it
    adam.weightDecay(".*bias", 0);                    // biases do not decay, whatever their rate
    assertThat(adam.state()).containsKey("cell.weight_hh.mean");
  }

  @Test
  void schedules() {
    Schedule schedule = Schedule.constant(1e-3).afterWarmUp(100)
        .then(1_000, Schedule.cosine(1e-3, 1e-5, 5_000));
    assertThat(schedule.at(0)).isEqualTo(1e-5);
    assertThat(schedule.at(6_000)).isEqualTo(1e-5);
  }

  @Test
  void clipping() {
    Gradients gradients = gradients(ids, targets, Lengths.mask(lengths, 4));
    double norm = gradients.norm();                             // computed once, kept
    Gradients scaled = gradients.clipByNorm(0.1);               // the same direction
    Gradients capped = gradients.clipByValue(0.001);            // each element for itself
    assertThat(scaled.norm()).isLessThan(0.1 + 1e-9).isLessThan(norm);
    assertThat(capped.of(model.embedding.weight()).abs().max().item()).isEqualTo(0.001f);
  }

  @Test
  void accumulation() {
    Tensor mask = Lengths.mask(lengths, 4);
    Adam optimizer = new Adam(model.parameters(), 1e-3);
    Accumulation accumulation = new Accumulation();
    for (int part = 0; part < 2; part++) {
      Tensor kept = mask.slice(0, part, part + 1);
      double positions = kept.to(DType.INT32).sum().item();
      accumulation.add(gradients(ids.slice(0, part, part + 1), targets.slice(0, part, part + 1), kept), positions);
    }
    optimizer.step(accumulation.take().clipByNorm(5));
    assertThat(optimizer.state().get("0.weight.steps").item()).isEqualTo(1);
  }

  @Test
  void refusal() {
    Adam optimizer = new Adam(model.namedParameters(), 1e-3, Adam.Options.defaults());
    Gradients broken = gradients(ids, targets, Lengths.mask(lengths, 4)).times(Double.NaN);
    Map<String, Tensor> before = model.state();
    assertThatIllegalArgumentException().isThrownBy(() -> optimizer.step(broken))
        .withMessage("step: the gradient of embedding.weight [6, 8] is not finite; nothing was changed");
    assertThat(model.state()).isEqualTo(before);
  }

  @Test
  void severalOptimizers() {
    Tensor mask = Lengths.mask(lengths, 4);
    Sgd ofCell = new Sgd(model.cell.parameters(), 0.1);
    Adam ofTable = new Adam(model.projection.parameters(), 0.01);
    Map<String, Tensor> before = model.state();
    Gradients clipped = gradients(ids, targets, mask).clipByNorm(5);   // by the norm of all
    ofCell.step(clipped.only(model.cell.parameters()));
    ofTable.step(clipped.only(model.projection.parameters()));
    assertThat(model.state()).allSatisfy((name, value) -> assertThat(value).isNotEqualTo(before.get(name)));
  }

  @Test
  void saving(@TempDir Path directory) throws IOException {
    ElementwiseOptimizer optimizer = new Adam(model.namedParameters(), 1e-3, Adam.Options.defaults());
    optimizer.step(gradients(ids, targets, Lengths.mask(lengths, 4)));
    Path path = directory.resolve("optimizer.safetensors");
    new TensorFile(optimizer.state(), Map.of("iteration", "1")).write(path);
    optimizer.load(TensorFile.read(path).tensors());
    assertThat(optimizer.state().get("cell.bias.steps").item()).isEqualTo(1);
  }

  @Test
  void modules() {
    model.initialize("cell.weight_hh", Rng.of(7), (rng, shape) -> Init.orthogonalGates(rng, 4, shape.size(1)));
    model.initialize("cell.bias", Rng.of(7), (rng, shape) -> Init.forgetBias(1, shape.size(0) / 4));
    model.freeze("embedding", true);
    Tagger sampler = model.copyTo(new Tagger());        // samples while the other one is trained
    assertThat(sampler.state()).isEqualTo(model.state());
    assertThat(sampler.embedding.weight().isFrozen()).isTrue();
    assertThat(model.summary()).contains("shared with embedding.weight");
  }

  @Test
  void sequential() {
    Layer head = new Sequential(
        new Linear(8, 16, rng.split(0)), Variable::relu, new Dropout(0.1), new Linear(16, 4, rng.split(1)));
    try (Tape tape = Tape.inference()) {
      assertThat(head.forward(tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, 8))).shape().sizes()).containsExactly(2,
          3, 4);
    }
  }

  @Test
  void everySnippetOfTheGuideIsPartOfThisFile() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "training.md"));
    String tests = withoutIndentation(Files.readString(
        Path.of("src", "test", "java", "dev", "rewind", "nn", "guide", "TrainingGuideTest.java")));
    assertThat(Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide).results()
        .map(snippet -> withoutIndentation(snippet.group(1))).toList())
        .hasSizeGreaterThan(6).allSatisfy(snippet -> assertThat(tests).contains(snippet));
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}

package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.Form;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Runs of the whole program, small ones.
class TrainingTest {
  static final String HEADER = "iteration,epoch,train_loss,validation_loss,gradient_norm,learning_rate,"
      + "chars_per_second,seconds";

  @TempDir
  Path directory;

  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = directory.resolve("text.txt");
    Files.writeString(text, "the quick brown fox jumps over the lazy dog and sleeps; ".repeat(40));
  }

  record Result(int status, String out, String err) {}

  static Result run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = new Main(new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8)).run(args);
    return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /// The arguments of a small training; `more` are pairs of an option and its value, which replace those here.
  private String[] training(Path out, String... more) {
    Map<String, String> options = new LinkedHashMap<>(Map.of("--input", text.toString(), "--out", out.toString(),
        "--hidden", "12", "--batch", "4", "--steps", "9", "--iterations", "12", "--checkpoint-every", "5",
        "--sample-every", "6", "--dropout", "0.2"));
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return Stream.concat(Stream.of("train"),
        options.entrySet().stream().flatMap(option -> Stream.of(option.getKey(), option.getValue())))
        .toArray(String[]::new);
  }

  @Test
  void aRunLearnsAndLeavesWhatItPromises() throws IOException {
    Path out = directory.resolve("run");
    Result result = run(training(out, "--iterations", "150", "--learning-rate", "0.01", "--dropout", "0"));
    assertThat(result.status()).as(result.err()).isZero();
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("model.safetensors", "best.safetensors", "resume.safetensors",
              "resume-1.safetensors", "metrics.csv", "samples.csv");
    }
    List<String> rows = Files.readAllLines(out.resolve("metrics.csv"));
    assertThat(rows).hasSize(151).first().isEqualTo(HEADER);
    double first = Double.parseDouble(rows.get(1).split(",")[2]);
    double last = Double.parseDouble(rows.get(150).split(",")[2]);
    assertThat(last).isLessThan(first / 2);
    Result sample = run("sample", "--model", out.toString(), "--prompt", "the ", "--length", "50", "--temperature",
        "0");
    assertThat(sample.out()).startsWith("the ").hasSize(4 + 50 + System.lineSeparator().length());
    Result judged = run("evaluate", "--model", out.toString(), "--input", text.toString());
    assertThat(judged.out()).matches("loss: \\d+\\.\\d+\\Rbits: \\d+\\.\\d+\\Rperplexity: \\d+\\.\\d+\\R");
    assertThat(run("info", "--model", out.toString()).out()).contains("cell: lstm").contains("embedding.weight");
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void neitherThreadsNorRepetitionChangeABit(CellKind cell) throws IOException {
    int before = Threads.count();
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    try {
      assertThat(run(training(one, "--cell", cell.label(), "--hidden", "70", "--threads", "1")).status()).isZero();
      assertThat(run(training(two, "--cell", cell.label(), "--hidden", "70", "--threads", "3")).status()).isZero();
    } finally {
      Threads.resize(before);
    }
    assertThat(two.resolve("model.safetensors")).hasSameBinaryContentAs(one.resolve("model.safetensors"));
    assertThat(lossesOf(two)).isEqualTo(lossesOf(one));
  }

  static List<String> lossesOf(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(row -> String.join(",", Arrays.copyOf(row.split(","), 6))).toList();
  }

  /// The interpreter, and kernels without vectors.
  @ParameterizedTest
  @CsvSource({"-Xint, lstm", "-Drewind.kernels=scalar, lstm", "-Drewind.kernels=scalar, gru",
      "-Drewind.kernels=scalar, rnn"})
  void otherWaysToRunTheKernelsGiveTheSameBits(String option, String cell) throws IOException, InterruptedException {
    Path one = directory.resolve("one");
    Path other = directory.resolve("other");
    assertThat(run(training(one, "--cell", cell)).status()).isZero();
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        option,
        "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(Arrays.asList(training(other, "--cell", cell)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("log"))).isZero();
    assertThat(other.resolve("model.safetensors")).hasSameBinaryContentAs(one.resolve("model.safetensors"));
    assertThat(lossesOf(other)).isEqualTo(lossesOf(one));
  }

  @Test
  void otherPeoplesFoldersAreLeftAlone() throws IOException {
    Path out = Files.createDirectory(directory.resolve("photos"));
    Files.writeString(out.resolve("photo"), "mine");
    refused(run(training(out)), "holds other files (photo) and no run");
    refused(run(training(text)), "is a file, not a folder");
    assertThat(out.resolve("photo")).hasContent("mine");
    Path none = directory.resolve("none");
    assertThat(run("train", "--help").out().replaceAll("\\s+", " "))
        .contains("The kind of cell: lstm, gru, rnn, relu, ")
        .contains(", mixture.");
    refused(run(training(none, "--cell", "transformer")), "unknown cell 'transformer'; there are lstm, gru, rnn");
    refused(run(training(none, "--hidden", "0")), "--hidden must be at least 1, not 0");
    refused(run(training(none, "--steps", "5000")), "need at least 20001");
    refused(run(training(none, "--hidden", "100000")), "choose a smaller --hidden, --embedding or --layers");
    refused(run(training(none, "--threads", "16385")), "--threads 16385");
    refused(run(training(none, "--epochs", "3")), "--epochs and --iterations both");
    assertThat(none).doesNotExist();
  }

  /// The training text is a multiple of batch times steps, one symbol longer, one shorter.
  @ParameterizedTest
  @CsvSource({"72, 2", "73, 4", "71, 2"})
  void epochsAreAsManyAsWereAskedFor(int symbols, int iterations) throws IOException {
    Files.writeString(text, "the quick brown fox jumps over the lazy dog and sleeps; ".repeat(2).substring(0, symbols));
    Path out = directory.resolve("run");
    Result result = run("train", "--input", text.toString(), "--out", out.toString(), "--hidden", "5", "--batch", "4",
        "--steps",
        "9", "--epochs", "2", "--validation", "0");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(1 + iterations).last().asString()
        .startsWith(iterations + ",2,");
  }

  @Test
  void anOptionWithoutEffectIsSaid() {
    String said = "--dropout does nothing here";
    assertThat(run(training(directory.resolve("one"), "--layers", "1")).err()).contains(said);
    assertThat(run(training(directory.resolve("two"))).err()).doesNotContain(said);
  }

  @Test
  void filesThatAreNoModelAreRefused() throws IOException {
    Path out = directory.resolve("run");
    assertThat(run(training(out)).status()).isZero();
    Path model = out.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(model);
    Path bad = directory.resolve("bad.safetensors");
    for (int length : new int[] {0, 7, 100, bytes.length / 2, bytes.length - 1}) {
      Files.write(bad, Arrays.copyOf(bytes, length));
      refused(run("sample", "--model", bad.toString()), "bad.safetensors");
    }
    refused(run("sample", "--model", text.toString()), "not a safetensors file");
    refused(run("sample", "--model", directory.resolve("absent").toString()), "absent");
    refused(run("sample", "--model", model.toString(), "--prompt", "the Ω"), "'Ω' (U+03A9)");
    refused(run("evaluate", "--model", model.toString(), "--input", bad.toString()), "bad.safetensors");
  }

  static void refused(Result result, String reason) {
    assertThat(result.status()).as(result.err()).isEqualTo(2);
    assertThat(result.err().strip()).startsWith("charrnn: ").contains(reason).doesNotContain("\n");
  }

  /// Three layers of 100 units over 65 symbols, with one bias vector for each gate.
  @Test
  void theTutorialsModelHasAsManyParametersAsItReports() {
    ModelOptions options = new ModelOptions(CellKind.LSTM, 65, 100, 100, 3, 0);
    assertThat(CharRnn.of(options, Rng.of(1)).parameterCount()).isEqualTo(254_265);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void theListFormGivesTheSameNumbers(CellKind cell) {
    compareForms(CharRnn.of(new ModelOptions(cell, 5, 3, 4, 2, 0), Rng.of(1)));
  }

  private static <S extends State<S>> void compareForms(CharRnn<S> model) {
    Tensor ids = Tensor.of(new int[] {0, 3, 1, 4, 2, 2}, 2, 3);
    try (Tape tape = Tape.inference()) {
      CharRnn.Outcome<S> list = Form.LIST.read(model, tape, ids, model.initialState(tape, 2));
      for (Form form : List.of(Form.SCAN, Form.FUSED)) {
        CharRnn.Outcome<S> whole = form.read(model, tape, ids, model.initialState(tape, 2));
        assertThat(whole.logits().value().allClose(list.logits().value(), 1e-5, 1e-6)).as("%s", form).isTrue();
        Tensor last = whole.state().leaves().getLast().value();
        assertThat(last.allClose(list.state().leaves().getLast().value(), 1e-5, 1e-6)).as("%s", form).isTrue();
      }
    }
  }

  @Test
  void trainingLossesOfAllFormsAreEqualToRounding() {
    ModelOptions options = new ModelOptions(CellKind.LSTM, 5, 3, 8, 2, 0);
    double[] fused = losses(CharRnn.lstm(options, Rng.of(1)), Form.FUSED);
    assertThat(fused[19]).isLessThan(0.8 * fused[0]);
    assertThat(losses(CharRnn.lstm(options, Rng.of(1)), Form.LIST)).containsExactly(fused, within(1e-5));
    assertThat(losses(CharRnn.lstm(options, Rng.of(1)), Form.SCAN)).containsExactly(fused, within(1e-5));
  }

  private static double[] losses(CharRnn<LstmState> model, Form form) {
    Adam optimizer = new Adam(model.parameters(), 0.03);
    Tensor ids = Tensor.of(new int[] {0, 3, 1, 4, 2, 2, 1, 0}, 2, 4);
    Tensor targets = Tensor.of(new int[] {3, 1, 4, 0, 2, 1, 0, 3}, 2, 4);
    return IntStream.range(0, 20).mapToDouble(i -> {
      try (Tape tape = Tape.recording()) {
        StackedState<LstmState> start = model.initialState(tape, 2);
        Variable logits = form.read(model, tape, ids, start).logits();
        Variable loss = Losses.crossEntropy(logits, targets);
        optimizer.step(tape.gradients(loss));
        return loss.item();
      }
    }).toArray();
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void gradientsOfTheWholeModelAgreeWithNumericalOnes(CellKind cell) {
    checkGradients(CharRnn.of(new ModelOptions(cell, 5, 3, 4, 2, 0), Rng.of(2)));
  }

  private static <S extends State<S>> void checkGradients(CharRnn<S> model) {
    Tensor ids = Tensor.of(new int[] {0, 3, 1, 4, 2, 2}, 2, 3);
    Tensor targets = Tensor.of(new int[] {3, 1, 0, 2, 2, 4}, 2, 3);
    GradientCheck.of(scale -> {
      Tape tape = scale.tape();
      return Losses.crossEntropy(model.forward(tape, ids, model.initialState(tape, 2)).logits(), targets).times(scale);
    }).at(Tensor.scalar(1.0)).withParameters(model.parameters()).run().assertPasses();
  }
}

package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.nn.Linear;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.nn.train.TrainingLoop.End;
import dev.rewind.nn.train.TrainingLoop.Report;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingLoopTest {
  private @TempDir Path temporary;

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private Path folder() {
    return temporary.resolve("run");
  }

  /// Without the two columns that depend on the clock.
  private static List<String> rows(Path folder) throws IOException {
    return Files.readAllLines(folder.resolve("metrics.csv")).stream()
        .map(row -> String.join(",", Arrays.copyOf(row.split(",", -1), row.split(",", -1).length - 2))).toList();
  }

  private static byte[] model(Path folder) throws IOException {
    return Files.readAllBytes(folder.resolve("model.safetensors"));
  }

  /// Does something after each step.
  private interface Stepped extends TrainingLoop.Listener {
    void after(Report report);

    @Override
    default void stepped(TrainingLoop<?> loop, Report report) {
      after(report);
    }
  }

  // ---- the course of a training -------------------------------------------------------------------------------------

  @Test
  void trainsForEpochsAndSavesAtTheirEnds() throws IOException {
    TinyTraining tiny = new TinyTraining(folder());
    List<Report> reports = new ArrayList<>();
    End end = tiny.loop.epochs(2).highest("score", tiny.trainer::iteration)
        .listener((Stepped) reports::add).run();
    assertThat(end).isEqualTo(End.COMPLETE);
    assertThat(reports).hasSize(2 * TinyTraining.BATCHES);
    assertThat(reports.stream().filter(Report::isSaved).map(report -> report.step().iteration())).containsExactly(4, 8);
    assertThat(reports.stream().filter(Report::isLast).map(report -> report.step().iteration())).containsExactly(8);
    assertThat(reports.get(3).metrics()).isEqualTo(Map.of("score", 4.0));
    assertThat(reports.get(4).metrics()).isEmpty();
    assertThat(tiny.loop.saved()).isEqualTo(8);
    try (Stream<Path> files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("model.safetensors",
          "best.safetensors", "resume.safetensors", "resume-1.safetensors", "metrics.csv");
    }
    TensorFile file = TensorFile.read(folder().resolve("model.safetensors"));
    assertThat(file.tensors()).isEqualTo(tiny.model.state());
    assertThat(file.metadata()).isEqualTo(Map.of("iteration", "8"));
    assertThat(Files.readAllLines(folder().resolve("metrics.csv"))).hasSize(9)
        .startsWith("iteration,epoch,train_loss,score,gradient_norm,learning_rate,steps_per_second,seconds")
        .anyMatch(row -> row.matches("4,1,[\\d.]+,4\\.0,[\\d.]+,[\\d.]+,\\d+,\\d+\\.\\d{3}"))
        .anyMatch(row -> row.matches("5,2,[\\d.]+,,[\\d.]+,[\\d.]+,\\d+,\\d+\\.\\d{3}"));
  }

  @ParameterizedTest
  @CsvSource({"5, 1, 4", "3, 1, 3", "9, 3, 9", "1, 7, 1"})
  void whatComesFirstEndsIt(int steps, int epochs, int done) throws IOException {
    TinyTraining tiny = new TinyTraining(null);
    assertThat(tiny.loop.steps(steps).epochs(epochs).run()).isEqualTo(End.COMPLETE);
    assertThat(tiny.trainer.iteration()).isEqualTo(done);
    assertThat(tiny.loop.saved()).isEqualTo(done);
  }

  @Test
  void savesEverySoManySteps() throws IOException {
    TinyTraining tiny = new TinyTraining(folder());
    List<Integer> saved = new ArrayList<>();
    tiny.loop.steps(11).every(5).listener((Stepped) report -> {
      if (report.isSaved()) {
        saved.add(report.step().iteration());
      }
    }).run();
    assertThat(saved).containsExactly(5, 10, 11);
    assertThat(folder().resolve("best.safetensors")).doesNotExist(); // nothing says what is best
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keepsTheBestAndEndsWhenItGetsNoBetter(boolean highest) throws IOException {
    Iterator<Double> scores = Stream.of(3.0, Double.NaN, 1.0, Double.NaN, 2.0, 1.0, 0.0)
        .map(score -> highest ? -score : score).iterator();
    TinyTraining tiny = scored(highest, scores);
    List<Tensor> biases = new ArrayList<>();
    End end = tiny.loop.patience(3).listener((Stepped) report -> biases.add(tiny.model.state().get("linear.bias")))
        .run();
    assertThat(end).isEqualTo(End.PATIENCE);
    assertThat(tiny.trainer.iteration()).isEqualTo(6);
    assertThat(TensorFile.read(folder().resolve("best.safetensors")).tensors().get("linear.bias"))
        .isEqualTo(biases.get(2));
    assertThat(scored(highest, scores).loop.patience(3).resume().run()).isEqualTo(End.PATIENCE); // it stays ended
    TinyTraining more = scored(highest, scores);
    assertThat(more.loop.patience(4).steps(7).resume().run()).isEqualTo(End.COMPLETE);
    assertThat(TensorFile.read(folder().resolve("best.safetensors")).tensors()).isEqualTo(more.model.state());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMetricThatIsAlwaysNaNIsNoBetterThanBefore(boolean highest) throws IOException {
    TinyTraining tiny = scored(highest, Stream.generate(() -> Double.NaN).iterator());
    assertThat(tiny.loop.patience(3).run()).isEqualTo(End.PATIENCE);
    assertThat(tiny.trainer.iteration()).isEqualTo(3);
    assertThat(folder().resolve("best.safetensors")).doesNotExist();
  }

  @Test
  void patienceNeedsAMetric() {
    assertThatIllegalStateException().isThrownBy(new TinyTraining(null).loop.patience(2)::run)
        .withMessage("training: patience(..) needs a metric, from lowest(..) or highest(..)");
  }

  private TinyTraining scored(boolean highest, Iterator<Double> scores) {
    TinyTraining tiny = new TinyTraining(folder());
    (highest ? tiny.loop.highest("score", scores::next) : tiny.loop.lowest("score", scores::next))
        .lowest("other", () -> 0).every(1);
    return tiny;
  }

  @Test
  void showsProgressAndMetrics() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TinyTraining tiny = new TinyTraining(null);
    tiny.loop.every(6).lowest("validation_loss", () -> 1.25).highest("f1", () -> Double.NaN)
        .progress(new PrintStream(bytes, true, StandardCharsets.UTF_8)).unit("symbols", batch -> batch.steps()).run();
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines().toList())
        .contains("iteration 6: validation_loss 1.2500", "iteration 12: validation_loss 1.2500")
        .first().asString().matches("8%  1/12  loss \\d\\.\\d{4}  \\S+ symbols/s  \\S+ left");
    tiny.loop.line("after the end"); // nobody sees it
  }

  @ParameterizedTest
  @CsvSource({"3, 0, 1/12", "0, 7, 1/7", "2, 20, 1/8", "9, 7, 1/7"})
  void knowsHowManyStepsThereWillBe(int epochs, int steps, String shown) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TinyTraining tiny = new TinyTraining(null);
    TrainingLoop<?> loop = new TrainingLoop<>(tiny.model, tiny.trainer).progress(new PrintStream(bytes, true,
        StandardCharsets.UTF_8));
    if (epochs > 0) {
      loop.epochs(epochs);
    }
    if (steps > 0) {
      loop.steps(steps);
    }
    loop.run();
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("  " + shown + "  loss");
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    TinyTraining tiny = new TinyTraining(null);
    assertThatIllegalArgumentException().isThrownBy(() -> tiny.loop.epochs(0))
        .withMessage("training: epochs must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> tiny.loop.patience(-1))
        .withMessage("training: patience must be at least 1, not -1");
    assertThatIllegalStateException().isThrownBy(() -> new TrainingLoop<>(tiny.model, tiny.trainer).run())
        .withMessage("training: no length was set; call epochs(..) or steps(..)");
    assertThatIllegalStateException().isThrownBy(tiny.loop::resume).withMessage("training: resume() needs a folder");
  }

  // ---- going on -----------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 8, 11, 12})
  void aResumedTrainingEqualsAnUninterruptedOne(int first) throws IOException {
    Path whole = temporary.resolve("whole");
    new TinyTraining(whole).loop.every(2).run();
    new TinyTraining(folder()).loop.every(2).steps(first).run();
    TinyTraining resumed = new TinyTraining(folder());
    assertThat(resumed.loop.every(2).resume().saved()).isEqualTo(first);
    resumed.loop.run();
    assertThat(model(folder())).isEqualTo(model(whole));
    assertThat(rows(folder())).isEqualTo(rows(whole)).hasSize(13);
  }

  @Test
  void whereNothingIsSavedItBegins() throws IOException {
    new TinyTraining(temporary.resolve("plain")).loop.run();
    new TinyTraining(folder()).loop.resume().run();
    assertThat(model(folder())).isEqualTo(model(temporary.resolve("plain")));
  }

  @Test
  void aRunIsNotOverwritten() throws IOException {
    new TinyTraining(folder()).loop.run();
    byte[] before = model(folder());
    assertThatIllegalStateException().isThrownBy(new TinyTraining(folder()).loop::run)
        .withMessage("training: " + folder()
            + " already holds a run; call resume() to continue it, or use another folder");
    assertThat(model(folder())).isEqualTo(before);
  }

  @Test
  void whatACrashLeavesIsNoHindrance() throws IOException {
    Path whole = temporary.resolve("whole");
    new TinyTraining(whole).loop.every(5).run();
    assertThatThrownBy(() -> new TinyTraining(folder()).loop.every(5).listener((Stepped) report -> {
      if (report.step().iteration() == 8) {
        throw new IllegalStateException("power");
      }
    }).run()).hasMessage("power");
    Files.writeString(folder().resolve("metrics.csv"), "8,2,0.4", StandardOpenOption.APPEND);
    Files.writeString(folder().resolve(".resume.safetensors.tmp"), "half");
    TinyTraining resumed = new TinyTraining(folder());
    assertThat(resumed.loop.every(5).resume().saved()).isEqualTo(5);
    resumed.loop.run();
    assertThat(model(folder())).isEqualTo(model(whole));
    assertThat(rows(folder())).isEqualTo(rows(whole));
  }

  @Test
  void modelFilesAndMetadataMayBeOnesOwn() throws IOException {
    TinyTraining tiny = new TinyTraining(folder());
    tiny.loop.steps(2).metadata(() -> Map.of("text", "a.txt"))
        .modelFile(() -> new TensorFile(Map.of("b", tiny.model.linear.parameters().getLast().value()), Map.of())).run();
    assertThat(TensorFile.read(folder().resolve("model.safetensors")).tensors()).containsOnlyKeys("b");
    assertThat(TensorFile.read(folder().resolve("resume.safetensors")).metadata()).isEqualTo(Map.of("text", "a.txt"));
    new TinyTraining(folder()).loop.resume().run();
  }

  // ---- interruption -------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 8})
  void anInterruptSavesAndEnds(int at) throws IOException {
    Path whole = temporary.resolve("whole");
    new TinyTraining(whole).loop.every(5).lowest("m", () -> 1).run();
    TinyTraining tiny = new TinyTraining(folder());
    TrainingLoop<?> loop = tiny.loop.every(5).lowest("m", () -> 1);
    List<Report> reports = new ArrayList<>();
    End end = loop.listener((Stepped) report -> {
      reports.add(report);
      if (report.step().iteration() == at) {
        Thread.currentThread().interrupt();
      }
    }).run();
    assertThat(end).isEqualTo(End.INTERRUPTED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(reports.getLast().isLast()).isTrue();
    assertThat(reports.getLast().metrics()).isEmpty(); // that would take time
    assertThat(loop.saved()).isEqualTo(tiny.trainer.iteration()).isBetween(at, at + 1);
    new TinyTraining(folder()).loop.every(5).lowest("m", () -> 1).resume().run();
    assertThat(model(folder())).isEqualTo(model(whole));
  }

  @Test
  void anInterruptBeforeItBeginsIsHeard() throws IOException {
    TinyTraining tiny = new TinyTraining(folder());
    Thread.currentThread().interrupt();
    assertThat(tiny.loop.run()).isEqualTo(End.INTERRUPTED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tiny.trainer.iteration()).isZero();
    new TinyTraining(folder()).loop.resume().run();
  }

  @Test
  void filesAreWrittenAgainIfAnInterruptClosesOne() throws IOException {
    int[] tries = {0};
    Interruption.uninterrupted(() -> {
      if (++tries[0] < 3) {
        Thread.currentThread().interrupt();
        new TensorFile(Map.of("x", Tensor.scalar(1)), Map.of()).write(temporary.resolve("x.safetensors"));
      }
    });
    assertThat(tries).containsExactly(3);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(temporary.resolve("x.safetensors")).doesNotExist();
  }

  private List<String> command(Class<?> program) {
    return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "-cp",
        String.join(File.pathSeparator, "target/test-classes", "target/classes",
            System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path")),
        program.getName(), folder().toString());
  }

  /// What the program is told by Ctrl-C.
  @Test
  void theEndOfTheProgramSavesAndEnds() throws IOException, InterruptedException {
    Path log = temporary.resolve("log");
    Process process = new ProcessBuilder(command(Endless.class)).redirectErrorStream(true).redirectOutput(log.toFile())
        .start();
    while (process.isAlive() && !Files.readString(log).contains("begun")) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    process.destroy();
    process.waitFor();
    String said = Files.readString(log);
    assertThat(said).contains("begun").containsPattern("ended INTERRUPTED \\d+");
    TinyTraining resumed = new TinyTraining(folder());
    assertThat(said).contains("ended INTERRUPTED " + resumed.loop.resume().saved());
    int done = resumed.trainer.iteration();
    TinyTraining whole = new TinyTraining(null);
    whole.loop.steps(done).run();
    assertThat(resumed.model.state()).isEqualTo(whole.model.state());
  }

  /// A metric or listener may end the program.
  @Test
  void theTrainingMayEndTheProgramItself() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command(Exiting.class)).redirectErrorStream(true)
        .redirectOutput(temporary.resolve("log").toFile()).start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as(Files.readString(temporary.resolve("log"))).isTrue();
    assertThat(process.exitValue()).isEqualTo(3);
  }

  /// A program that ends from within its training.
  static final class Exiting {
    private Exiting() {}

    public static void main(String[] args) throws IOException {
      new TinyTraining(Path.of(args[0])).loop.lowest("exits", () -> {
        System.exit(3);
        return 0;
      }).run();
    }
  }

  /// A program that trains until it is killed.
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws IOException {
      TinyTraining tiny = new TinyTraining(Path.of(args[0]));
      tiny.loop.steps(Integer.MAX_VALUE - 1).every(1_000_000).listener(new TrainingLoop.Listener() {
        @Override
        public void stepped(TrainingLoop<?> loop, Report report) {
          if (report.step().iteration() == 2) {
            System.out.println("begun");
          }
        }

        @Override
        public void ended(TrainingLoop<?> loop, End end) {
          System.out.println("ended " + end + " " + loop.saved());
        }
      }).run();
    }
  }

  // ---- what goes wrong ----------------------------------------------------------------------------------------------

  @Test
  void aMetricNeedsANameThatFitsAHeader() {
    TinyTraining tiny = new TinyTraining(null);
    tiny.loop.lowest("loss", () -> 1);
    for (String name : new String[] {"loss", "a,b", "a\nb", "\"a", ""}) {
      assertThatIllegalArgumentException().isThrownBy(() -> tiny.loop.highest(name, () -> 1))
          .withMessageContaining("not '" + name + "'");
    }
  }

  @Test
  void aTrainingThatDivergesLeavesWhatWasSaved() throws IOException {
    new TinyTraining(folder()).loop.steps(4).run();
    List<byte[]> before = List.of(model(folder()), Files.readAllBytes(folder().resolve("resume.safetensors")));
    TinyTraining bad = new TinyTraining(folder());
    bad.loop.resume();
    bad.model.linear.parameters().getLast().value().fill(Double.NaN);
    assertThatThrownBy(bad.loop::run).isInstanceOf(DivergedException.class).hasMessageStartingWith("the loss is NaN");
    assertThat(model(folder())).isEqualTo(before.get(0));
    assertThat(folder().resolve("resume.safetensors")).hasBinaryContent(before.get(1));
  }

  @Test
  void numbersThatAreNotFiniteAreNotSaved() {
    Linear line = new Linear(1, 1, Rng.of(1));
    Trainer<Double> trainer = new Trainer<>(new Sgd(line.parameters(), 1e300), _ -> List.of(1.0),
        (tape, x) -> line.forward(tape.constant(Tensor.ones(DType.FLOAT32, 1, 1))).sum());
    TrainingLoop<Double> loop = new TrainingLoop<>(line, trainer).steps(1).folder(folder());
    assertThatThrownBy(loop::run).isInstanceOf(DivergedException.class).hasMessage("model.weight is not finite")
        .extracting(e -> ((DivergedException) e).iteration()).isEqualTo(1);
    assertThat(folder().resolve("model.safetensors")).doesNotExist();
    assertThat(loop.saved()).isZero();
  }

  @Test
  void aCheckpointThatIsNoneIsRefused() throws IOException {
    new TinyTraining(folder()).loop.run();
    Path file = folder().resolve("resume.safetensors");
    TensorFile good = TensorFile.read(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(folder().resolve("resume-1.safetensors"));
    for (int length : new int[] {0, 7, 100, bytes.length / 2, bytes.length - 1}) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatIOException().isThrownBy(new TinyTraining(folder()).loop::resume)
          .withMessageContaining("resume.safetensors");
    }
    new TensorFile(good.tensors(), Map.of()).write(file);
    Linear other = new Linear(1, 1, Rng.of(1));
    Trainer<Double> trainer = new Trainer<>(new Sgd(other.parameters(), 1), _ -> List.of(), (tape, x) -> null);
    assertThatIOException().isThrownBy(() -> new TrainingLoop<>(other, trainer).folder(folder()).resume())
        .withMessageStartingWith(file + ": is not a checkpoint of this training: load: weight is missing");
    Map<String, Tensor> less = new LinkedHashMap<>(good.tensors());
    less.remove("loop.waited");
    new TensorFile(less, Map.of()).write(file);
    assertThatIOException().isThrownBy(new TinyTraining(folder()).loop::resume)
        .withMessageContaining("loop.waited is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "missing", "both cut"})
  void aDamagedCheckpointGivesWayToTheOneBefore(String damage) throws IOException {
    Path whole = temporary.resolve("whole");
    new TinyTraining(whole).loop.steps(14).every(2).keep(3).run();
    new TinyTraining(folder()).loop.steps(9).every(2).keep(3).run();
    TrainingFolder files = new TrainingFolder(folder());
    assertThat(List.of(files.checkpoint(0), files.checkpoint(1), files.checkpoint(2)))
        .allMatch(Files::exists).noneMatch(_ -> Files.exists(files.checkpoint(3)));
    for (int age = 0; age < (damage.startsWith("both") ? 2 : 1); age++) {
      byte[] bytes = Files.readAllBytes(files.checkpoint(age));
      Files.delete(files.checkpoint(age));
      if (!damage.equals("missing")) { // as after a stop between two renames
        Files.write(files.checkpoint(age), Arrays.copyOf(bytes, bytes.length - 1));
      }
    }
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    TinyTraining resumed = new TinyTraining(folder());
    assertThat(resumed.loop.steps(14).every(2).keep(3).resume().saved()).isEqualTo(damage.startsWith("both") ? 6 : 8);
    resumed.loop.progress(new PrintStream(shown, true)).run();
    assertThat(shown.toString(StandardCharsets.UTF_8).lines()
        .filter(line -> line.startsWith("this checkpoint is damaged, so the one before it is taken: " + folder())))
        .hasSize(damage.equals("missing") ? 0 : damage.equals("cut") ? 1 : 2);
    assertThat(model(folder())).isEqualTo(model(whole));
    assertThat(rows(folder())).isEqualTo(rows(whole));
    new TinyTraining(folder()).loop.steps(15).keep(1).resume().run();
    assertThat(files.checkpoint(1)).doesNotExist();
    assertThat(files.checkpoint(2)).doesNotExist();
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTheLastCheckpoint() throws IOException {
    new TinyTraining(folder()).loop.steps(4).run();
    byte[] before = Files.readAllBytes(folder().resolve("resume.safetensors"));
    Files.createDirectories(folder().resolve(".model.safetensors.tmp").resolve("in the way"));
    TinyTraining tiny = new TinyTraining(folder());
    tiny.loop.resume();
    assertThatIOException().isThrownBy(tiny.loop::run);
    assertThat(folder().resolve("resume.safetensors")).hasBinaryContent(before);
    assertThat(tiny.loop.saved()).isEqualTo(4);
    Files.delete(folder().resolve(".model.safetensors.tmp").resolve("in the way"));
    Files.delete(folder().resolve(".model.safetensors.tmp"));
    new TinyTraining(folder()).loop.resume().run();
    Path whole = temporary.resolve("whole");
    new TinyTraining(whole).loop.run();
    assertThat(model(folder())).isEqualTo(model(whole));
    assertThat(rows(folder())).isEqualTo(rows(whole));
    Files.writeString(temporary.resolve("file"), "mine");
    assertThatThrownBy(new TinyTraining(temporary.resolve("file")).loop::run).isInstanceOf(FileSystemException.class);
    assertThat(temporary.resolve("file")).hasContent("mine");
  }

  @Test
  void twoTrainingsDoNotShareAFolder() throws IOException {
    Files.createDirectories(folder());
    try (MetricsFile other = MetricsFile.resume(folder().resolve("metrics.csv"), List.of("iteration", "epoch",
        "train_loss", "gradient_norm", "learning_rate", "steps_per_second", "seconds"), 0)) {
      assertThat(other).isNotNull();
      assertThatIOException().isThrownBy(new TinyTraining(folder()).loop::run)
          .withMessageContaining("another training is writing to it");
    }
    new TinyTraining(folder()).loop.run();
  }
}

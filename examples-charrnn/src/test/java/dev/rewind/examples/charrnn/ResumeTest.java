package dev.rewind.examples.charrnn;

import static dev.rewind.examples.charrnn.TrainingTest.lossesOf;
import static dev.rewind.examples.charrnn.TrainingTest.refused;
import static dev.rewind.examples.charrnn.TrainingTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.examples.charrnn.TrainingTest.Result;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.train.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs of the whole program that are interrupted, changed, or diverge.
class ResumeTest {
  @TempDir
  Path directory;

  private Path text;
  private Path out;

  @BeforeEach
  void writeText() throws IOException {
    text = directory.resolve("text.txt");
    out = directory.resolve("run");
    Files.writeString(text, "the quick brown fox jumps over the lazy dog and sleeps; ".repeat(40));
  }

  private String[] line(Path out, String... more) {
    return Stream
        .concat(Stream.of("train", "--input", text.toString(), "--out", out.toString(), "--hidden", "12", "--batch",
            "4", "--steps", "9", "--checkpoint-every", "5", "--dropout", "0.2"), Arrays.stream(more))
        .toArray(String[]::new);
  }

  private static Result done(Result result) {
    assertThat(result.status()).as(result.err()).isZero();
    return result;
  }

  private Result resume(String... more) {
    return resumeIn(out, more);
  }

  private static Result resumeIn(Path run, String... more) {
    return run(Stream.concat(Stream.of("train", "--resume", "--out", run.toString()), Arrays.stream(more))
        .toArray(String[]::new));
  }

  private Path model(Path run) {
    return run.resolve("model.safetensors");
  }

  @Test
  void aResumedRunEqualsTheUninterruptedOne() throws IOException {
    Path whole = directory.resolve("whole");
    done(run(line(whole, "--iterations", "12")));
    done(run(line(out, "--iterations", "7")));
    assertThat(done(resume("--iterations", "12")).err()).startsWith("from here on: --iterations 7 -> 12\n");
    assertThat(model(out)).hasSameBinaryContentAs(model(whole));
    assertThat(lossesOf(out)).hasSize(13);
  }

  @Test
  void theCommandLineOfTheRunMayBeRepeated() {
    done(run(line(out, "--iterations", "7")));
    Result again = done(
        run(line(out, "--iterations", "7", "--resume", "--layers", "2", "--seed", "1", "--threads", "1")));
    assertThat(again.err()).doesNotContain("from here on").contains("all 7 iterations are done");
  }

  @Test
  void aRunIsResumedFromAnyWorkingDirectory() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(
        Arrays.asList("train", "--input", "text.txt", "--out", "run", "--hidden", "12", "--batch", "4", "--steps", "9",
            "--iterations", "3"));
    Path log = directory.resolve("log");
    Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
        .redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    done(resume("--iterations", "4"));
    assertThat(TensorFile.read(model(out)).metadata().toString()).doesNotContain(directory.toString());
  }

  @Test
  void aTextThatWasMovedIsNamedByInput() throws IOException {
    done(run(line(out, "--iterations", "3")));
    Path moved = Files.move(text, directory.resolve("moved.txt"));
    refused(resume("--iterations", "4"),
        text + ": no such file or directory; --input says where the text of the run is now");
    assertThat(done(resume("--iterations", "4", "--input", moved.toString())).err())
        .startsWith("from here on: --input " + text + " -> " + moved + ", --iterations 3 -> 4\n");
    done(resume("--iterations", "5"));
    byte[] before = Files.readAllBytes(out.resolve("resume.safetensors"));
    Files.writeString(text, "another text ".repeat(100));
    refused(resume("--input", text.toString()), "text.txt: is not the text that the run in " + out + " began with");
    Files.writeString(moved, "another text ".repeat(100));
    refused(resume(), "moved.txt: is not the text that the run in " + out + " began with");
    assertThat(out.resolve("resume.safetensors")).hasBinaryContent(before);
  }

  @Test
  void whatMayChangeChangesAndIsSaid() throws IOException {
    done(run(line(out, "--iterations", "3")));
    assertThat(done(resume("--iterations", "6", "--learning-rate", "0.001", "--clip", "1", "--dropout", "0",
        "--checkpoint-every",
        "2", "--sample-every", "9")).err()).startsWith("from here on: --dropout 0.2 -> 0.0, --iterations 3 -> 6, "
            + "--learning-rate 0.002 -> 0.001, --clip 5.0 -> 1.0, --checkpoint-every 5 -> 2, --sample-every 500 -> "
            + "9\n");
    assertThat(lossesOf(out).get(3)).endsWith(",0.002");
    assertThat(lossesOf(out).get(4)).endsWith(",0.001");
    assertThat(TensorFile.read(out.resolve("resume.safetensors")).metadata()).containsEntry("clip", "1.0")
        .containsEntry("dropout", "0.0").containsEntry("checkpoint-every", "2").containsEntry("iterations", "6");
    done(resume("--epochs", "1"));
    int epoch = (2240 * 9 / 10 - 1) / 4 / 9; // whole windows of 9 in each of 4 streams
    assertThat(lossesOf(out)).hasSize(1 + epoch).last().asString().startsWith(epoch + ",1,");
  }

  @ParameterizedTest
  @CsvSource({"hidden, 12, 13", "layers, 2, 3", "cell, lstm, gru", "embedding, 12, 5", "batch, 4, 5", "steps, 9, 8",
      "validation, 0.1, 0.2", "seed, 1, 2"})
  void whatMayNotChangeIsRefused(String option, String now, String wanted) throws IOException {
    done(run(line(out, "--iterations", "3")));
    refused(resume("--" + option, wanted),
        "--" + option + " " + wanted + ": the run to go on with has --" + option + " " + now
            + ", which cannot change");
    done(resume("--" + option, now));
  }

  @Test
  void moreMustBeAskedForThanIsDone() {
    refused(run("train", "--resume"), "--resume needs --out");
    done(run(line(out, "--iterations", "6")));
    refused(resume("--iterations", "5"), "--iterations 5: the run in " + out + " has done 6 already");
    refused(run(line(out)), "holds a run; --resume goes on with it");
  }

  // ---- nothing to resume
  // ----------------------------------------------------------------------------------------------

  @Test
  void whereNothingIsSavedARunStartsAnew() throws IOException {
    done(run(line(directory.resolve("plain"), "--iterations", "3")));
    Result result = done(run(line(out, "--iterations", "3", "--resume")));
    assertThat(result.err()).startsWith("nothing is saved in " + out + " yet: the run starts anew\n");
    assertThat(model(out)).hasSameBinaryContentAs(model(directory.resolve("plain")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAKillLeavesBeforeTheFirstCheckpointIsNoHindrance(boolean resume) throws IOException {
    Files.createDirectory(out);
    Files.writeString(out.resolve("metrics.csv"), TrainingTest.HEADER + "\n1,1,4.5,,0.5,0.002,1,0.1\n2,1,4.");
    Files.writeString(out.resolve(".model.safetensors.tmp"), "half");
    done(run(line(out, resume ? new String[] {"--iterations", "3", "--resume"} : new String[] {"--iterations", "3"})));
    assertThat(lossesOf(out)).hasSize(4);
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("model.safetensors", "best.safetensors", "resume.safetensors", "metrics.csv",
              "samples.csv");
    }
  }

  @Test
  void aModelAloneIsNotOverwritten() throws IOException {
    Files.createDirectory(out);
    Files.writeString(model(out), "trained for weeks");
    refused(run(line(out, "--resume")), "holds other files (model.safetensors) and no run");
    assertThat(model(out)).hasContent("trained for weeks");
  }

  @Test
  void twoRunsDoNotShareAFolder() throws IOException {
    Files.createDirectory(out);
    List<String> columns = List.of(TrainingTest.HEADER.split(","));
    try (MetricsFile other = MetricsFile.resume(out.resolve("metrics.csv"), columns, 0)) {
      refused(run(line(out, "--iterations", "3")), "another training is writing to it");
      other.append(List.of("1", "1", "4.0", "", "1.0", "1.0", "1", "1.000"));
    }
    assertThat(lossesOf(out)).hasSize(2);
    assertThat(model(out)).doesNotExist();
  }

  // ---- runs that diverge --------------------------------------------------------------------------------------------

  /// At the first of these rates the numbers stay finite, but what they predict is useless.
  @ParameterizedTest
  @CsvSource({"1e6, 10, 100000.0, 1000000.0", "1e300, 8, 1.0E299, 1.0E300"})
  void aRunThatDivergesSaysWhereAndGoesOnFromTheLastGoodCheckpoint(String rate, int iteration, String smaller,
      String was)
      throws IOException {
    Path steady = directory.resolve("steady");
    done(run(line(steady, "--iterations", "6")));
    done(resumeIn(steady, "--iterations", "14", "--learning-rate", "0.0002"));
    done(run(line(out, "--iterations", "6")));
    List<byte[]> before = List.of(Files.readAllBytes(model(out)), Files.readAllBytes(out.resolve("best.safetensors")),
        Files.readAllBytes(out.resolve("resume.safetensors")));
    Result diverged = resume("--iterations", "14", "--learning-rate", rate);
    assertThat(diverged.status()).as(diverged.err()).isEqualTo(3);
    assertThat(diverged.err().lines().toList()).last().asString()
        .startsWith("charrnn: the training diverged at iteration " + iteration + ": ")
        .contains(
            "; " + out + " holds the run as it was after iteration 6; to go on from there with smaller steps: charrnn "
                + "train --resume --out " + out + " --learning-rate " + smaller + " (it was " + was + ")",
            "--clip (it was 5.0)");
    assertThat(model(out)).hasBinaryContent(before.get(0));
    assertThat(out.resolve("best.safetensors")).hasBinaryContent(before.get(1));
    assertThat(out.resolve("resume.safetensors")).hasBinaryContent(before.get(2));
    done(resume("--iterations", "14", "--learning-rate", "0.0002"));
    assertThat(model(out)).hasSameBinaryContentAs(model(steady));
    assertThat(lossesOf(out)).isEqualTo(lossesOf(steady));
  }

  /// The weights are infinite after the first iteration, whose loss and gradient were not.
  @ParameterizedTest
  @ValueSource(strings = {"0", "0.1"})
  void weightsThatAreNotFiniteAreNotSaved(String validation) {
    Result diverged = run(line(out, "--iterations", "1", "--learning-rate", "1e300", "--validation", validation));
    assertThat(diverged.status()).as(diverged.err()).isEqualTo(3);
    assertThat(diverged.err().lines().toList()).last().asString()
        .startsWith("charrnn: the training diverged at iteration 1: ").contains("nothing was saved yet; start again");
    assertThat(out).isDirectoryNotContaining("glob:**.safetensors");
    done(run(line(out, "--iterations", "3")));
  }
}

package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Losses;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The programs of `examples`.
class OneFileProgramsTest {
  private static final int B = 16;
  private static final int T = 25;
  private static final int H = 100;

  @TempDir
  Path directory;

  @Test
  void minCharRnnLearnsInBothForms() throws Exception {
    String text = Program.smallText(directory, 2_000).toString();
    String printed = Program.of("examples/MinCharRnn.java").run(text, "40");
    List<Double> losses = losses(printed); // 3 at the start and 1 at the end, twice
    assertThat(losses).hasSize(8);
    double start = Math.log(28); // of the small text's symbols
    assertThat(losses.get(0)).isCloseTo(start, within(0.01));
    assertThat(losses.get(3)).isLessThan(start - 1);
    assertThat(losses.get(4)).isCloseTo(start, within(0.1));
    assertThat(losses.get(7)).isLessThan(start - 1);
    assertThat(printed).contains("five matrices\n", "an LSTM cell\n");
  }

  @Test
  void withoutALibraryTheLossesAreTheSame() throws Exception {
    String text = Program.smallText(directory, 2_000).toString();
    List<Double> byTape = losses(Program.of("examples/MinCharRnn.java").run(text, "8"));
    List<Double> byHand = losses(Program.of("examples/PlainCharRnn.java").run(text, "8"));
    assertThat(byHand).hasSize(4);
    for (int i = 0; i < byHand.size(); i++) {
      assertThat(byHand.get(i)).isCloseTo(byTape.get(i), within(1e-9));
    }
  }

  @Test
  void theBackwardPassByHandIsThatOfTheTape() throws Exception {
    Program plain = Program.of("examples/PlainCharRnn.java");
    plain.call("read", Files.readString(Program.smallText(directory, 2_000)));
    plain.call("begin", new Random(1));
    plain.call("lossAndGradients", 0); // the second window begins with a state that is not zero
    Map<String, Param> matrices = new LinkedHashMap<>();
    for (String name : List.of("wxh", "whh", "bh", "why", "by")) {
      matrices.put(name, new Param(name, Tensor.of((double[][]) plain.get(name))));
    }
    Tensor state = Tensor.of((double[][]) plain.get("carried"));
    double byHand = (double) plain.call("lossAndGradients", 1);
    try (Tape tape = Tape.recording()) {
      Variable loss = loss(tape, matrices, (int[]) plain.get("text"), state);
      Gradients gradients = tape.gradients(loss);
      assertThat(byHand).isCloseTo(loss.item(), within(1e-12));
      for (Param matrix : matrices.values()) {
        Tensor written = Tensor.of((double[][]) plain.get("d" + matrix.name()));
        assertThat(written.allClose(gradients.of(matrix), 1e-9, 1e-15)).as(matrix.name()).isTrue();
      }
    }
  }

  /// The second window, with one-hot vectors instead of the lookup.
  private static Variable loss(Tape tape, Map<String, Param> matrices, int[] text, Tensor state) {
    int symbols = matrices.get("wxh").value().size(0);
    int stream = (text.length - 1) / B;
    Variable h = tape.constant(state);
    List<Variable> losses = new ArrayList<>();
    for (int t = T; t < 2 * T; t++) {
      int[] now = new int[B];
      int[] next = new int[B];
      for (int b = 0; b < B; b++) {
        now[b] = text[b * stream + t];
        next[b] = text[b * stream + t + 1];
      }
      Variable oneHot = tape.constant(Tensor.eye(DType.FLOAT64, symbols).gather(Tensor.of(now, B), 0)); // [B, V]
      h = oneHot.matmul(tape.watch(matrices.get("wxh"))).plus(h.matmul(tape.watch(matrices.get("whh"))))
          .plus(tape.watch(matrices.get("bh"))).tanh();
      Variable logits = h.matmul(tape.watch(matrices.get("why"))).plus(tape.watch(matrices.get("by")));
      losses.add(Losses.crossEntropy(logits, Tensor.of(next, B)));
    }
    assertThat(h.shape().sizes()).containsExactly(B, H);
    return Variable.stack(0, losses).mean();
  }

  @Test
  void shapesShowsThatAllFormsAgree() throws Exception {
    String printed = Program.of("examples/Shapes.java").run();
    String[] halves = printed.split("The greatest difference between ..\n");
    assertThat(halves[0]).contains("3 x [2, 1, 4]", "3 x [2, 4]", "3 x [2, 6]", "3 x [2, 5]", "[2, 3, 5]");
    assertThat(halves[1].lines().map(line -> line.substring(line.lastIndexOf(' '))).map(Double::parseDouble))
        .hasSizeGreaterThan(5).allSatisfy(difference -> assertThat(difference).isLessThan(1e-6));
  }

  /// The command is the one that the file itself tells, but for the place of the modules, which are not there yet.
  @ParameterizedTest
  @ValueSource(strings = {"examples/Shapes.java", "examples/PlainCharRnn.java"})
  void theCommandInTheFileRunsIt(String source) throws Exception {
    Matcher command = Pattern.compile("///     java (.*?)( \\[.*)?\n").matcher(
        Files.readString(Program.ROOT.resolve(source)));
    assertThat(command.find()).isTrue();
    List<String> line = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    line.addAll(Arrays.asList(
        command.group(1).replace("examples-charrnn/target/lib", Program.modulePath()).split(" ")));
    if (command.group(2) != null) {
      line.addAll(List.of(Program.smallText(directory, 2_000).toString(), "1"));
    }
    Path printed = directory.resolve("printed");
    Path errors = directory.resolve("errors");
    int status = new ProcessBuilder(line).directory(Program.ROOT.toFile()).redirectOutput(printed.toFile())
        .redirectError(errors.toFile()).start().waitFor();
    assertThat(status).as(Files.readString(errors)).isEqualTo(0);
    assertThat(Files.readString(printed, StandardCharsets.UTF_8)).contains("loss");
  }

  private static List<Double> losses(String printed) {
    return Pattern.compile("loss (\\d+\\.\\d+)").matcher(printed).results().map(m -> Double.valueOf(m.group(1)))
        .toList();
  }
}

package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The programs of `docs/tutorial`, on a text that is just long enough for them.
class TutorialTest {
  private static final int SYMBOLS = 28;
  private static final int WINDOW = 32 * 200; // the largest

  @TempDir
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"BasicRnn", "GruByHand", "CustomCell", "DropoutLstm", "LayerNormLstm"})
  void itLearns(String program) throws Exception {
    List<Double> losses = losses(run(program));
    assertThat(losses).hasSize(2);
    assertThat(losses.get(0)).isCloseTo(Math.log(SYMBOLS), within(0.2)); // nothing is known at the start
    assertThat(losses.get(1)).isLessThan(losses.get(0));
  }

  @Test
  void listLoopAndScanComeToTheSameLosses() throws Exception {
    List<Double> list = losses(run("ListLstm"));
    List<Double> dynamic = losses(run("DynamicLstm"));
    List<Double> scan = losses(run("ScanLstm"));
    assertThat(list).hasSize(2);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(dynamic.get(epoch)).isCloseTo(list.get(epoch), within(1e-4));
      assertThat(scan.get(epoch)).isCloseTo(list.get(epoch), within(1e-4));
    }
  }

  @Test
  void aModelThatWasSavedWrites() throws Exception {
    String printed = run("SaveAndGenerate");
    assertThat(printed).contains("restored ");
    String written = printed.substring(printed.indexOf(".safetensors\n") + ".safetensors\n".length());
    assertThat(written.lines().toList()).hasSize(2).allSatisfy(line -> assertThat(line).hasSize(750).matches(
        "[a-z. ]+"));
  }

  private String run(String program) throws Exception {
    return Program.of("docs/tutorial/" + program + ".java").run(
        Program.smallText(directory, WINDOW + 1).toString(), "2");
  }

  private static List<Double> losses(String printed) {
    return Pattern.compile("mean loss (\\d+\\.\\d+)").matcher(printed).results().map(m -> Double.valueOf(m.group(1)))
        .toList();
  }

  @Test
  @SuppressWarnings("unchecked")
  void theCellsThatAreWrittenOutHaveRightGradients() throws Exception {
    Program gru = Program.of("docs/tutorial/GruByHand.java");
    CellCheck.of((Cell<HiddenState>) gru.make("GatedCell", 2, 3, Rng.of(1))).run().assertPasses();
    Program lstm = Program.of("docs/tutorial/LayerNormLstm.java");
    CellCheck.of((Cell<LstmState>) lstm.make("NormalizedLstm", 2, 3, Rng.of(1))).run().assertPasses();
  }

  /// The same unit with its weights apart is a cell of the library.
  @Test
  @SuppressWarnings("unchecked")
  void theGruByHandIsTensorFlows() throws Exception {
    ResetBeforeGruCell known = new ResetBeforeGruCell(2, 3, Rng.of(1));
    Map<String, Tensor> weights = known.state();
    List<Tensor> input = weights.get("weight_ih").split(0, new int[] {6, 3}); // of r and z, of n
    List<Tensor> bias = weights.get("bias").split(0, new int[] {6, 3});
    Object written = Program.of("docs/tutorial/GruByHand.java").make("GatedCell", 2, 3, Rng.of(2));
    ((Block) written).load(Map.of("gates.weight", Tensor.concat(1, List.of(input.get(0), weights.get("weight_hh"))),
        "gates.bias", bias.get(0), "candidate.weight",
        Tensor.concat(1, List.of(input.get(1), weights.get("weight_hn"))), "candidate.bias", bias.get(1)));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, 4, 2));
      HiddenState state = new HiddenState(tape.constant(Tensor.normal(Rng.of(4), DType.FLOAT32, 0, 1, 4, 3)));
      Tensor byHand = ((Cell<HiddenState>) written).step(x, state).output().value();
      assertThat(byHand.allClose(known.step(x, state).output().value(), 1e-6, 1e-6)).isTrue();
    }
  }
}

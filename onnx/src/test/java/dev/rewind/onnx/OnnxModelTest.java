package dev.rewind.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Sequential;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LayerNormGruCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.RecurrentLayer;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.cells.Rnn;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.rnn.Bidirectional;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.nn.wrappers.ResidualCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.VariationalStateCell;
import dev.rewind.nn.wrappers.ZoneoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What ONNX Runtime computes, beside what the parts compute here.
class OnnxModelTest {
  private static final int INPUTS = 4;
  private static final int HIDDEN = 6;

  @TempDir
  Path folder;

  private Path file() {
    return folder.resolve("model.onnx");
  }

  private static Tensor draw(long seed, int... sizes) {
    return Tensor.normal(Rng.of(seed), DType.FLOAT32, 0, 1, sizes);
  }

  private static void assertClose(Tensor found, Tensor wanted) {
    assertThat(found.shape()).isEqualTo(wanted.shape());
    assertThat(found.allClose(wanted, 1e-5, 1e-5)).as("%s\n%s", found, wanted).isTrue();
  }

  // ---- cells --------------------------------------------------------------------------------------------------------

  static Stream<Cell<?>> cells() {
    Rng rng = Rng.of(7);
    return Stream.of(new LstmCell(INPUTS, HIDDEN, 1, rng), new PeepholeLstmCell(INPUTS, HIDDEN, rng),
        new CifgLstmCell(INPUTS, HIDDEN, rng), new GruCell(INPUTS, HIDDEN, rng),
        new ResetBeforeGruCell(INPUTS, HIDDEN, rng), new MinGruCell(INPUTS, HIDDEN, rng),
        new RnnCell(INPUTS, HIDDEN, rng), new RnnCell(INPUTS, HIDDEN, RnnCell.Nonlinearity.RELU, rng),
        new DropoutCell<>(new GruCell(INPUTS, HIDDEN, rng), 0.5),
        new VariationalInputCell<>(new LstmCell(INPUTS, HIDDEN, rng), 0.5),
        VariationalStateCell.of(new LstmCell(INPUTS, HIDDEN, rng), 0.5),
        new ResidualCell<>(new GruCell(INPUTS, INPUTS, rng)),
        new LstmCell(INPUTS, 5, rng).then(new GruCell(5, HIDDEN, rng)),
        new StackedCell<>(List.of(new LstmCell(INPUTS, 5, rng), new PeepholeLstmCell(5, HIDDEN, rng)), 0.5));
  }

  /// Runs a cell here and there, from states that are not zeros, in one piece and in two.
  @ParameterizedTest
  @MethodSource("cells")
  void cells(Cell<?> cell) throws Exception {
    OnnxModel.ofVectors("x", INPUTS).carrying("s").then(cell).output("y").write(file());
    try (Onnx onnx = new Onnx(file())) {
      for (int batch : new int[] {1, 7}) {
        for (int time : new int[] {1, 50}) {
          compare(onnx, cell, batch, time);
        }
      }
    }
  }

  private static <S extends State<S>> void compare(Onnx onnx, Cell<S> cell, int batch, int time) throws Exception {
    Tensor x = draw(batch + time, batch, time, INPUTS);
    Tape tape = Tape.inference();
    S begun = begun(cell, tape, batch);
    Scanned<S> run = Recurrence.scan(cell, tape.constant(x), begun);
    Map<String, Tensor> states = states("s", begun);
    Map<String, Tensor> found = onnx.run(with(states, "x", x));
    assertClose(found.get("y"), run.outputs().value());
    Map<String, Tensor> wanted = states("s", run.state());
    assertThat(wanted).isNotEmpty();
    wanted.forEach((name, value) -> assertClose(found.get(name + "_next"), value));
    if (time > 1) {
      Map<String, Tensor> half = onnx.run(with(states, "x", x.slice(1, 0, time / 2)));
      Map<String, Tensor> between = new LinkedHashMap<>();
      states.keySet().forEach(name -> between.put(name, half.get(name + "_next")));
      Map<String, Tensor> rest = onnx.run(with(between, "x", x.slice(1, time / 2, time)));
      assertClose(Tensor.concat(1, List.of(half.get("y"), rest.get("y"))), run.outputs().value());
    }
  }

  private static <S extends State<S>> S begun(Cell<S> cell, Tape tape, int batch) {
    S zeros = cell.initialState(tape, batch);
    List<Variable> leaves = new ArrayList<>();
    for (int k = 0; k < zeros.leaves().size(); k++) { // a mask stays ones
      Variable leaf = zeros.leaves().get(k);
      leaves.add(zeros.names().get(k).endsWith("mask") ? leaf
          : tape.constant(draw(100 + k, leaf.shape().sizes()).times(Tensor.scalar(0.5f))));
    }
    return zeros.withLeaves(leaves);
  }

  /// The leaves as they are called and shaped there.
  private static Map<String, Tensor> states(String name, State<?> state) {
    Map<String, Tensor> states = new LinkedHashMap<>();
    for (int k = 0; k < state.names().size(); k++) {
      if (!state.names().get(k).endsWith("mask")) {
        String leaf = state.names().get(k).replaceFirst("^cell\\.", "");
        states.put(name + "." + leaf, state.leaves().get(k).value().unsqueeze(0));
      }
    }
    return states;
  }

  private static Map<String, Tensor> with(Map<String, Tensor> map, String name, Tensor value) {
    Map<String, Tensor> all = new LinkedHashMap<>(map);
    all.put(name, value);
    return all;
  }

  // ---- layers -------------------------------------------------------------------------------------------------------

  static Stream<RecurrentLayer<?>> layers() {
    Rng rng = Rng.of(8);
    RecurrentOptions one = RecurrentOptions.of(INPUTS, HIDDEN);
    RecurrentOptions both = one.withLayers(2).withBidirectional(true).withDropout(0.5);
    return Stream.of(new Lstm(one, rng), new Lstm(one.withLayers(3), 1, rng), new Lstm(both, rng), new Gru(one, rng),
        new Gru(both, rng), new Rnn(one.withLayers(2), rng), new Rnn(both, RnnCell.Nonlinearity.RELU, rng));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void layers(RecurrentLayer<?> layer) throws Exception {
    compare(layer, 5, 9);
  }

  private <S extends State<S>> void compare(RecurrentLayer<S> layer, int batch, int time) throws Exception {
    Tensor x = draw(1, batch, time, INPUTS);
    Tape tape = Tape.inference();
    OnnxModel.ofVectors("x", INPUTS).carrying("s").then(layer).output("y").write(file());
    StackedState<S> begun = layer.initialState(tape, batch).map(leaf -> tape.constant(draw(2, leaf.shape().sizes())));
    Scanned<StackedState<S>> run = layer.forward(tape.constant(x), begun);
    try (Onnx onnx = new Onnx(file())) {
      Map<String, Tensor> found = onnx.run(with(states("s", begun), "x", x));
      assertClose(found.get("y"), run.outputs().value());
      states("s", run.state()).forEach((name, value) -> assertClose(found.get(name + "_next"), value));
    }
    int[] lengths = {9, 1, 4, 0, 8};
    OnnxModel.ofVectors("x", INPUTS).lengths("lengths").then(layer).output("y").write(file());
    try (Onnx onnx = new Onnx(file())) {
      Map<String, Tensor> found = onnx.run(Map.of("x", x, "lengths", Tensor.of(lengths)));
      assertThat(found).containsOnlyKeys("y");
      assertClose(found.get("y"), layer.forward(tape.constant(x), lengths).outputs().value());
    }
  }

  @Test
  void directionsOfDifferentCells() throws Exception {
    Bidirectional<?, ?> cells = new Bidirectional<>(new LstmCell(INPUTS, 3, Rng.of(1)), new GruCell(INPUTS, 5,
        Rng.of(2)));
    Tensor x = draw(1, 2, 7, INPUTS);
    OnnxModel.ofVectors("x", INPUTS).then(cells).tanh().output("y").write(file());
    try (Onnx onnx = new Onnx(file())) {
      assertClose(onnx.run(Map.of("x", x)).get("y"),
          cells.scan(Tape.inference().constant(x)).outputs().tanh().value());
    }
  }

  @Test
  void layersWithoutStates() throws Exception {
    Embedding embedding = Embedding.withPadding(9, 4, 2, Rng.of(1));
    LayerNorm norm = new LayerNorm(8, 0.5);
    norm.namedParameters().values().forEach(p -> p.value().assign(draw(3, 8)));
    Sequential layers = new Sequential(new Linear(4, 8, Rng.of(2)), new Dropout(0.5), norm,
        LayerNorm.withoutWeights(8, 0.1),
        Linear.withoutBias(8, 3, Rng.of(3)));
    OnnxModel.ofIds("ids").then(embedding).then(layers).output("sums").relu().output("relu").sigmoid()
        .softmax().output("softmax").text("made by", "a test").write(file());
    Tensor ids = Tensor.of(new int[][] {{0, 1, 2, 8, 2}, {3, 4, 5, 6, 7}});
    Variable sums = layers.forward(embedding.forward(Tape.inference().constant(ids)));
    try (Onnx onnx = new Onnx(file())) {
      Map<String, Tensor> found = onnx.run(Map.of("ids", ids));
      assertThat(found.keySet()).containsExactly("sums", "relu", "softmax");
      assertClose(found.get("sums"), sums.value());
      assertClose(found.get("relu"), sums.relu().value());
      assertClose(found.get("softmax"), sums.relu().sigmoid().softmax(-1).value());
    }
  }

  // ---- what is refused ----------------------------------------------------------------------------------------------

  static Stream<Cell<?>> others() {
    Rng rng = Rng.of(7);
    return Stream.of(new MinLstmCell(INPUTS, HIDDEN, rng), new LayerNormLstmCell(INPUTS, HIDDEN, rng),
        new LayerNormGruCell(INPUTS, HIDDEN, rng), new ProjectedLstmCell(INPUTS, 9, HIDDEN, rng),
        new MixtureCell(INPUTS, HIDDEN, 3, rng), new ZoneoutCell<>(new GruCell(INPUTS, HIDDEN, rng), 0.1));
  }

  @ParameterizedTest
  @MethodSource("others")
  void cellsWithoutAnExactForm(Cell<?> cell) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxModel.ofVectors("x", INPUTS).then(cell))
        .withMessageStartingWith("onnx: " + cell.getClass().getSimpleName() + " is not what an operator");
  }

  @Test
  void otherMistakes() {
    OnnxModel ids = OnnxModel.ofIds("ids");
    assertThatThrownBy(() -> ids.then(new Linear(3, 2, Rng.of(1)))).isInstanceOf(ShapeException.class)
        .hasMessage("onnx: Linear reads vectors of 3, but what comes before gives ids");
    assertThatThrownBy(() -> ids.then(new Embedding(3, 4, Rng.of(1))).then(new LstmCell(5, 2, Rng.of(1))))
        .isInstanceOf(ShapeException.class)
        .hasMessage("onnx: LstmCell reads vectors of 5, but what comes before gives vectors of 4");
    assertThatThrownBy(() -> ids.then(new Embedding(3, 4, Rng.of(1)))).isInstanceOf(ShapeException.class)
        .hasMessage("onnx: Embedding reads ids, but what comes before gives vectors of 4");
    assertThatIllegalArgumentException().isThrownBy(() -> ids.then(Variable::tanh))
        .withMessageContaining("functions by relu(), sigmoid(), softmax() and tanh()");
    assertThatIllegalArgumentException().isThrownBy(() -> ids.output("ids"))
        .withMessage("onnx: the name 'ids' is empty or taken; choose another");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxModel.ofVectors("x", 4).lengths("lengths").then(new ResidualCell<>(new GruCell(4, 4,
            Rng.of(1)))))
        .withMessageContaining("ResidualCell");
  }

  @Test
  void sameModelSameBytes() throws Exception {
    byte[][] bytes = new byte[2][];
    for (int k = 0; k < 2; k++) {
      OnnxModel.ofVectors("x", INPUTS).then(new Lstm(RecurrentOptions.of(INPUTS, HIDDEN), Rng.of(1))).output("y")
          .write(file());
      bytes[k] = Files.readAllBytes(file());
    }
    assertThat(bytes[0]).isEqualTo(bytes[1]);
  }
}

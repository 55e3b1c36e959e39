package dev.rewind.nn.golden;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.AdaptiveSoftmax;
import dev.rewind.nn.BatchNorm;
import dev.rewind.nn.Bilinear;
import dev.rewind.nn.Block;
import dev.rewind.nn.Crf;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.Reduction;
import dev.rewind.nn.WeightNormLinear;
import dev.rewind.nn.attention.MultiheadAttention;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.ConvLstmCell;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.GruDCell;
import dev.rewind.nn.cells.IndRnnCell;
import dev.rewind.nn.cells.LayerNormGruCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.LruCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MLstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.MogrifierLstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.QrnnCell;
import dev.rewind.nn.cells.RecurrentLayer;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.cells.RewiredLstmCell;
import dev.rewind.nn.cells.Rnn;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.cells.SLstmCell;
import dev.rewind.nn.cells.SelectiveScanCell;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Pooling;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.wrappers.LearnedStateCell;
import dev.rewind.nn.wrappers.ResidualCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.VariationalStateCell;
import dev.rewind.nn.wrappers.ZoneoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What each cell, layer and loss computes in float64, with derivatives of two orders, as JSON and for NumPy, that
/// another implementation can be tested against. The format is described in docs/golden-vectors.md.
final class GoldenVectors {
  private static final int[] LENGTHS = {3, 1};

  private GoldenVectors() {}

  private interface Body {
    Map<String, Variable> apply(Map<String, Variable> values);
  }

  /// @param constants indices, targets, masks, lengths
  /// @param values what is differentiated by
  /// @param parameters those of values that the function watches as parameters
  /// @param training whether it is run as in training
  record Vectors(
      String name, String what, Map<String, Tensor> constants, Map<String, Tensor> values,
      Map<String, Param> parameters, Body body, boolean training) {}

  static List<Vectors> all() {
    return Stream.of(cells(), layers(), losses()).flatMap(vectors -> vectors).toList();
  }

  private static Tensor normal(String name, int... sizes) {
    return Tensor.normal(Rng.of(1).split(name), DType.FLOAT64, 0, 1, sizes);
  }

  // ---- cells --------------------------------------------------------------------------------------------------------

  private static Stream<Vectors> cells() {
    Rng rng = Rng.of(1);
    return Stream.of(
        cell("rnn", new RnnCell(2, 3, rng)), cell("gru", new GruCell(2, 3, rng)), cell("lstm", new LstmCell(2, 3, rng)),
        cell("peephole", new PeepholeLstmCell(2, 3, rng)), cell("cifg", new CifgLstmCell(2, 3, rng)),
        cell("projected", new ProjectedLstmCell(2, 4, 3, rng)),
        cell("layernorm_lstm", new LayerNormLstmCell(2, 3, rng)),
        cell("reset_before_gru", new ResetBeforeGruCell(2, 3, rng)),
        cell("layernorm_gru", new LayerNormGruCell(2, 3, rng)), cell("min_gru", new MinGruCell(2, 3, rng)),
        cell("min_lstm", new MinLstmCell(2, 3, rng)), cell("mixture", new MixtureCell(2, 3, 2, rng)),
        cell("residual_lstm", new ResidualCell<>(new LstmCell(3, 3, rng))),
        cell("zoneout_lstm_0.3_0.1", new ZoneoutCell<>(new LstmCell(2, 3, rng), 0.3, 0.1)),
        cell("mogrifier", new MogrifierLstmCell(2, 3, 3, rng)), cell("slstm", new SLstmCell(2, 3, rng)),
        cell("gru_d", new GruDCell(Tensor.of(new float[] {0.5f}), 3, rng)),
        learned("learned_state_gru", new LearnedStateCell<>(new GruCell(2, 3, rng))),
        cell("indrnn", new IndRnnCell(2, 3, rng)), cell("mlstm_2_heads", new MLstmCell(2, 4, 2, rng)),
        cell("qrnn", new QrnnCell(2, 3, rng)), cell("lru", new LruCell(2, 3, 2, rng)),
        cell("conv_lstm", new ConvLstmCell(3, 1, 2, 3, rng)), cell("rewired_lstm", new RewiredLstmCell(2, 3, rng)),
        cell("selective_scan", new SelectiveScanCell(3, 2, rng)),
        masked("variational_input_gru", new VariationalInputCell<>(new GruCell(2, 3, rng), 0.5)),
        masked("variational_state_lstm", VariationalStateCell.of(new LstmCell(2, 3, rng), 0.5)));
  }

  private static <S extends State<S>> Vectors cell(String name, Cell<S> cell) {
    return cell(name, cell, " over 3 steps from a state, with lengths", false);
  }

  /// From the start that is a parameter.
  private static <S extends State<S>> Vectors learned(String name, LearnedStateCell<S> cell) {
    cell.initialize("start_.*", Rng.of(1), (rng, shape) -> Init.uniform(rng, 1, shape.sizes()));
    return new Vectors(name, cell + " over 3 steps from its start, with lengths", lengths(),
        Map.of("inputs", normal(name, LENGTHS.length, 3, cell.inputSize())), cell.namedParameters(),
        xs -> outputs(Recurrence.scan(cell, xs.get("inputs"), LENGTHS)), false);
  }

  /// In training, with the mask of the state as a value.
  private static <S extends State<S>> Vectors masked(String name, Cell<S> cell) {
    return cell(name, cell, " over 3 steps from a state and a mask, with lengths", true);
  }

  private static <S extends State<S>> Vectors cell(String name, Cell<S> cell, String how, boolean training) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    values.put("inputs", normal(name, LENGTHS.length, 3, cell.inputSize()));
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      S zero = cell.initialState(tape, LENGTHS.length);
      for (int i = 0; i < zero.leaves().size(); i++) {
        // Gates that divide by a state want one that is not near zero.
        values.put("state." + zero.names().get(i), normal(name + i, zero.leaves().get(i).shape().sizes())
            .square().plus(0.5));
      }
    }
    return new Vectors(name, cell + how,
        lengths(), values, ((Block) cell).namedParameters(), xs -> {
          List<Variable> leaves = xs.entrySet().stream().filter(e -> e.getKey().startsWith("state."))
              .map(Map.Entry::getValue).toList();
          Variable inputs = xs.get("inputs");
          S state = cell.initialState(inputs.tape(), LENGTHS.length).withLeaves(leaves);
          return outputs(Recurrence.scan(cell, inputs, state, LENGTHS));
        }, training);
  }

  private static <S extends State<S>> Map<String, Variable> outputs(Scanned<S> run) {
    Map<String, Variable> outputs = new LinkedHashMap<>(Map.of("outputs", run.outputs()));
    for (int i = 0; i < run.state().leaves().size(); i++) {
      outputs.put("state." + run.state().names().get(i), run.state().leaves().get(i));
    }
    return outputs;
  }

  // ---- layers -------------------------------------------------------------------------------------------------------

  private static Stream<Vectors> layers() {
    Rng rng = Rng.of(2);
    Linear linear = new Linear(3, 2, rng);
    LayerNorm norm = new LayerNorm(4);
    Embedding embedding = new Embedding(5, 3, rng);
    MultiheadAttention heads = new MultiheadAttention(4, 2, rng);
    Tensor ids = Tensor.of(new int[][] {{1, 4, 1}, {0, 2, 4}});
    Crf crf = new Crf(5, rng);
    BatchNorm batchNorm = new BatchNorm(2);
    Map<String, Param> trained = new LinkedHashMap<>(batchNorm.namedParameters());
    trained.keySet().retainAll(List.of("weight", "bias"));
    WeightNormLinear normalised = new WeightNormLinear(3, 2, rng);
    Bilinear bilinear = new Bilinear(2, 3, 4, rng);
    AdaptiveSoftmax adaptive = new AdaptiveSoftmax(4, 6, new int[] {2, 4}, 2, rng);
    Map<String, Tensor> constants = new LinkedHashMap<>(lengths());
    constants.put("targets", ids);
    RecurrentOptions both = RecurrentOptions.of(2, 2).withLayers(2).withBidirectional(true);
    return Stream.of(
        layer("linear", linear, Map.of("inputs", normal("linear", 4, 3)), Map.of(), linear::forward),
        layer("layer_norm", norm, Map.of("inputs", normal("norm", 3, 4)), Map.of(), norm::forward),
        layer("weight_norm_linear", normalised, Map.of("inputs", normal("linear", 4, 3)), Map.of(),
            normalised::forward),
        layer("bilinear", bilinear, Map.of("both", normal("bilinear", 4, 5)), Map.of(),
            x -> bilinear.forward(x.slice(1, 0, 2), x.slice(1, 2, 5))),
        new Vectors("batch_norm_training", "by mean and variance of the batch, with a mask",
            Map.of("mask", Lengths.mask(LENGTHS, 3)), Map.of("inputs", normal("batch norm", 2, 3, 2)), trained,
            xs -> Map.of("outputs", batchNorm.forward(xs.get("inputs"), Lengths.mask(LENGTHS, 3))), true),
        layer("crf", crf, Map.of("inputs", normal("crf", 2, 3, 5)), constants,
            x -> crf.loss(x, ids, LENGTHS)),
        layer("adaptive_softmax", adaptive, Map.of("inputs", normal("adaptive", 2, 3, 4)), Map.of("targets", ids),
            x -> adaptive.loss(x, ids)),
        layer("multihead_attention", heads, Map.of("inputs", normal("heads", 2, 3, 4)), Map.of(), heads::forward),
        layer("embedding", embedding, Map.of("scale", normal("embedding", 2, 3, 3)), Map.of("ids", ids),
            scale -> embedding.forward(scale.tape().constant(ids)).times(scale)),
        recurrent("lstm_layers", new Lstm(both, rng)), recurrent("gru_layers", new Gru(both, rng)),
        recurrent("rnn_layers", new Rnn(both, rng)), pooling("last", x -> Pooling.last(x, LENGTHS)),
        pooling("mean", x -> Pooling.mean(x, LENGTHS)), pooling("max", x -> Pooling.max(x, LENGTHS)));
  }

  private static Vectors layer(
      String name, Block layer, Map<String, Tensor> input, Map<String, Tensor> constants,
      UnaryOperator<Variable> forward) {
    return new Vectors(name, layer.toString(), constants, input, layer.namedParameters(),
        xs -> Map.of("outputs", forward.apply(xs.values().iterator().next())), false);
  }

  private static Vectors pooling(String what, UnaryOperator<Variable> pooling) {
    return new Vectors("pooling_" + what, "the " + what + " over time", lengths(),
        Map.of("inputs", normal("pooling", LENGTHS.length, 3, 2)), Map.of(),
        xs -> Map.of("outputs", pooling.apply(xs.get("inputs"))), false);
  }

  private static Map<String, Tensor> lengths() {
    return Map.of("lengths", Tensor.of(LENGTHS, LENGTHS.length));
  }

  private static <S extends State<S>> Vectors recurrent(String name, RecurrentLayer<S> layer) {
    return new Vectors(name, layer + " from a zero state, with lengths",
        lengths(), Map.of("inputs", normal(name, LENGTHS.length, 3, layer.options().inputSize())),
        layer.namedParameters(), xs -> {
          StackedState<S> zero = layer.initialState(xs.get("inputs").tape(), LENGTHS.length);
          return outputs(layer.forward(xs.get("inputs"), zero, LENGTHS));
        }, false);
  }

  // ---- losses -------------------------------------------------------------------------------------------------------

  private static Stream<Vectors> losses() {
    Tensor logits = normal("logits", 3, 4);
    Tensor classes = Tensor.of(new int[] {2, 0, 3}, 3);
    Tensor mask = Tensor.of(new boolean[] {true, false, true}, 3);
    Tensor cells = Tensor.bernoulli(Rng.of(4), 0.6, 3, 4);
    Tensor targets = Tensor.uniform(Rng.of(3), DType.FLOAT64, 0, 1, 3, 4);
    Tensor weights = Tensor.of(new double[] {0.5, 2, 1, 3});
    Tensor labels = Tensor.of(new int[][] {{1, 2, 2}, {3, 0, 0}});
    Tensor longer = normal("ctc", 2, 6, 4);
    return Stream.of(
        loss("cross_entropy", logits, Map.of("targets", classes), x -> Losses.crossEntropy(x, classes)),
        loss("cross_entropy_masked", logits, Map.of("targets", classes, "mask", mask),
            x -> Losses.crossEntropy(x, classes, mask)),
        loss("cross_entropy_smoothed_0.1", logits, Map.of("targets", classes),
            x -> Losses.smoothedCrossEntropy(x, classes, 0.1)),
        loss("cross_entropy_smoothed_0.1_masked", logits, Map.of("targets", classes, "mask", mask),
            x -> Losses.smoothedCrossEntropy(x, classes, mask, 0.1)),
        new Vectors("cross_entropies", "one for each row", Map.of("targets", classes), Map.of("inputs", logits),
            Map.of(), xs -> Map.of("outputs", Losses.crossEntropies(xs.get("inputs"), classes)), false),
        loss("binary_cross_entropy_masked", logits, Map.of("targets", targets, "mask", cells),
            x -> Losses.binaryCrossEntropy(x, targets, cells)),
        loss("huber_0.5_masked", logits, Map.of("targets", targets, "mask", cells),
            x -> Losses.huber(x, targets, cells, 0.5)),
        loss("mean_squared_error_masked", logits, Map.of("targets", targets, "mask", cells),
            x -> Losses.meanSquaredError(x, targets, cells)),
        loss("binary_cross_entropy", logits, Map.of("targets", targets), x -> Losses.binaryCrossEntropy(x, targets)),
        loss("huber_0.5", logits, Map.of("targets", targets), x -> Losses.huber(x, targets, 0.5)),
        loss("mean_squared_error", logits, Map.of("targets", targets),
            x -> Losses.meanSquaredError(x, x.tape().constant(targets))),
        loss("weighted_cross_entropy", logits, Map.of("targets", classes, "weights", weights),
            x -> Losses.weightedCrossEntropy(x, classes, weights, Reduction.MEAN)),
        loss("negative_log_likelihood", logits, Map.of("targets", classes),
            x -> Losses.negativeLogLikelihood(x, classes, Reduction.MEAN)),
        loss("kl_divergence", logits, Map.of("targets", targets), x -> Losses.klDivergence(x, targets, Reduction.MEAN)),
        loss("l1", logits, Map.of("targets", targets), x -> Losses.l1(x, targets)),
        loss("smooth_l1_0.5", logits, Map.of("targets", targets),
            x -> Losses.smoothL1(x, targets, 0.5, Reduction.MEAN)),
        loss("quantile_0.8", logits, Map.of("targets", targets),
            x -> Losses.quantile(x, targets, 0.8, Reduction.MEAN)),
        new Vectors("ctc", "the blank is class 0",
            Map.of("labels", labels, "lengths", Tensor.of(new int[] {6, 3}, 2), "label_lengths",
                Tensor.of(new int[] {3, 1}, 2)),
            Map.of("inputs", longer), Map.of(),
            xs -> Map.of("outputs", Losses.ctc(xs.get("inputs"), labels, new int[] {6, 3}, new int[] {3, 1}, 0)),
            false));
  }

  private static Vectors loss(
      String name, Tensor logits, Map<String, Tensor> constants, UnaryOperator<Variable> loss) {
    return new Vectors(name, "a mean", constants, Map.of("inputs", logits), Map.of(),
        xs -> Map.of("outputs", loss.apply(xs.get("inputs"))), false);
  }

  // ---- files --------------------------------------------------------------------------------------------------------

  /// What is in a file: tensors by name in groups, where the loss has no group.
  static Map<String, Map<String, Tensor>> groups(Vectors vectors) {
    Map<String, Tensor> values = new LinkedHashMap<>(vectors.values);
    vectors.parameters.forEach((name, parameter) -> values.put(name, parameter.value().to(DType.FLOAT64)));
    TapeOptions options = TapeOptions.defaults().withDType(DType.FLOAT64);
    Map<String, Map<String, Tensor>> groups = new LinkedHashMap<>();
    try (Tape tape = Tape.recording(vectors.training ? options.withRng(Rng.of(1)) : options.deterministic())) {
      Map<String, Variable> watched = new LinkedHashMap<>();
      values.forEach((name, value) -> watched.put(name, tape.watch(value)));
      vectors.parameters.forEach((name, parameter) -> tape.bind(parameter, watched.get(name)));
      Map<String, Variable> outputs = vectors.body.apply(watched);
      Map<String, Tensor> weights = new LinkedHashMap<>();
      Variable loss = tape.constant(Tensor.scalar(0.0));
      for (Map.Entry<String, Variable> output : outputs.entrySet()) {
        Tensor weight = output.getValue().rank() == 0 ? Tensor.scalar(1.0)
            : normal("weight " + output.getKey(), output.getValue().shape().sizes());
        weights.put(output.getKey(), weight);
        loss = loss.plus(output.getValue().times(tape.constant(weight)).sum());
      }
      groups.put("constants", new TreeMap<>(vectors.constants));
      groups.put("values", values);
      groups.put("outputs", named(outputs, List.copyOf(outputs.values())));
      groups.put("weights", weights);
      groups.put("loss", Map.of("", loss.value()));
      List<Variable> sources = new ArrayList<>(watched.values());
      List<Variable> gradient = tape.differentiate(loss, sources);
      groups.put("gradient", named(watched, gradient));
      Map<String, Tensor> direction = new LinkedHashMap<>();
      Variable along = tape.constant(Tensor.scalar(0.0));
      for (int i = 0; i < sources.size(); i++) {
        String name = List.copyOf(watched.keySet()).get(i);
        direction.put(name, normal("direction " + name, sources.get(i).shape().sizes()));
        along = along.plus(gradient.get(i).times(tape.constant(direction.get(name))).sum());
      }
      groups.put("direction", direction);
      groups.put("hvp", named(watched, along.isTracked() ? tape.differentiate(along, sources)
          : sources.stream().map(source -> source.times(0)).toList())); // of what is linear
    }
    return groups;
  }

  private static Map<String, Tensor> named(Map<String, Variable> names, List<Variable> values) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    names.keySet().forEach(name -> named.put(name, values.get(named.size()).value()));
    return named;
  }

  /// The arrays of an `.npz`: `group/name`.
  static TensorFile arrays(Map<String, Map<String, Tensor>> groups) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    groups.forEach((group, tensors) -> tensors.forEach(
        (name, tensor) -> arrays.put(name.isEmpty() ? group : group + "/" + name, tensor)));
    return new TensorFile(arrays, Map.of());
  }

  static String json(Vectors vectors, Map<String, Map<String, Tensor>> groups) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(new DefaultPrettyPrinter())) {
      json.writeStartObject();
      json.writeStringField("name", vectors.name);
      json.writeStringField("what", vectors.what);
      for (Map.Entry<String, Map<String, Tensor>> group : groups.entrySet()) {
        if (group.getKey().equals("loss")) {
          json.writeNumberField("loss", group.getValue().get("").item());
        } else {
          write(json, group.getKey(), group.getValue());
        }
      }
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static void write(JsonGenerator json, String field, Map<String, Tensor> tensors) throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      json.writeObjectFieldStart(entry.getKey());
      json.writeFieldName("shape");
      json.writeArray(tensor.shape().sizes(), 0, tensor.rank());
      json.writeFieldName("data");
      if (tensor.dtype().isFloating()) {
        json.writeArray(tensor.toDoubles(), 0, tensor.elements());
      } else {
        int[] whole = IntStream.of(tensor.to(DType.INT32).toInts()).toArray();
        json.writeArray(whole, 0, whole.length);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}

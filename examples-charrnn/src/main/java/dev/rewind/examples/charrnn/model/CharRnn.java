package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.data.Windows;
import dev.rewind.nn.generate.Sessions;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Unrolled;
import dev.rewind.onnx.OnnxModel;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The character model: embed every symbol, run a stack of recurrent cells over the steps, project every output onto
/// the vocabulary. In the shapes below B is the batch, T the steps of a window, V the vocabulary, E the embedding, H
/// the hidden size.
///
/// Read first [#unroll], the list form, then [#scan], which is the same without a list; [#forward] is an optimisation.
/// Then [Windows], how a text is cut into batches; [CharRnnTrainer], how the model learns; [TextModel], how it judges
/// and writes. [CellKind] lists the cells, [ModelFile] is the file. The page `docs/char-rnn.md` explains all of it,
/// with code that runs.
///
/// - Why is the first axis of the embedding V? It has a row for each symbol; looking a row up is the product with a
///   one-hot vector that nobody has to build.
/// - Why split and then squeeze? A cell takes one step, `[B, E]`. Splitting `[B, T, E]` along time gives T parts `[B,
///   1, E]`, and squeezing names the axis to drop: at batch size 1, a squeeze of every axis of size 1 would drop the
///   batch as well.
/// - Why is there one projection, `linear`? It belongs to the step from hidden state to vocabulary and is shared by all
///   times. The recurrent weights live in the cells: an LSTM has `weight_ih [4H, E]` for the input, `weight_hh [4H, H]`
///   for the previous hidden state and `bias [4H]`, each in four blocks: input gate, forget gate, cell candidate,
///   output gate.
/// - Why is W `[V, H]` here, and `[H, V]` in the tutorial? A [Linear] layer multiplies by the transposed weight, so
///   that row v holds what symbol v looks for in a state; files of PyTorch have it so as well.
/// - What is TensorFlow's kernel? `weight_ih` and `weight_hh` side by side and transposed, `[E + H, 4H]`, its blocks in
///   the order i, j, f, o.
/// - Where is the softmax? In the loss, which takes logits: together they are exact where probabilities would be 0.
/// - Why do the labels need no list? The logits are stacked to `[B, T, V]`, and the loss takes targets `[B, T]`.
/// - Why are the stacked cells distinct objects? A list that repeats one cell would share its weights.
/// - What is carried from window to window? The state, as plain values: the gradient is cut between two tapes.
///
/// @param <S> the state of one cell
public final class CharRnn<S extends State<S>> extends Block {
  private final ModelOptions options;
  private final Embedding embedding; // [V, E]
  private final StackedCell<S> cells; // all layers as one cell
  private final Linear linear; // the projection: weight [V, H], bias [V]

  private CharRnn(ModelOptions options, CellKind.Maker<S> maker, Rng rng) {
    this.options = options;
    this.embedding = child("embedding", new Embedding(options.symbols(), options.embedding(), rng.split("embedding")));
    List<Cell<S>> layers = new ArrayList<>();
    for (int layer = 0; layer < options.layers(); layer++) { // the first reads vectors [E], the others states [H]
      int inputs = layer == 0 ? options.embedding() : options.hidden();
      layers.add(maker.make(inputs, options.hidden(), rng.split("cell").split(layer)));
    }
    this.cells = child("cells", new StackedCell<>(layers, options.dropout()));
    this.linear = child("linear", new Linear(options.hidden(), options.symbols(), rng.split("linear")));
  }

  /// A model of the kind of cells that the options say, with fresh weights, drawn from `rng`. Where the kind is known,
  /// [#lstm], [#gru] and [#rnn] give a model whose state has a type.
  public static CharRnn<?> of(ModelOptions options, Rng rng) {
    return new CharRnn<>(options, options.cell().maker(), rng);
  }

  /// A model of [LstmCell]s with fresh weights, drawn from `rng`.
  ///
  /// @throws IllegalArgumentException if the options are for another kind of cell
  public static CharRnn<LstmState> lstm(ModelOptions options, Rng rng) {
    return new CharRnn<>(require(CellKind.LSTM, options), LstmCell::new, rng);
  }

  /// A model of [GruCell]s with fresh weights, drawn from `rng`.
  ///
  /// @throws IllegalArgumentException if the options are for another kind of cell
  public static CharRnn<HiddenState> gru(ModelOptions options, Rng rng) {
    return new CharRnn<>(require(CellKind.GRU, options), GruCell::new, rng);
  }

  /// A model of [RnnCell]s with tanh and fresh weights, drawn from `rng`.
  ///
  /// @throws IllegalArgumentException if the options are for another kind of cell
  public static CharRnn<HiddenState> rnn(ModelOptions options, Rng rng) {
    return new CharRnn<>(require(CellKind.RNN, options), RnnCell::new, rng);
  }

  private static ModelOptions require(CellKind kind, ModelOptions options) {
    if (options.cell() != kind) {
      throw new IllegalArgumentException("CharRnn." + kind.label() + ": the options say " + options.cell().label()
          + "; CharRnn.of makes a model of any kind");
    }
    return options;
  }

  /// The architecture.
  public ModelOptions options() {
    return options;
  }

  /// The cells, the first layer first.
  public List<Cell<S>> cells() {
    return cells.cells();
  }

  /// All layers as one cell.
  public Cell<StackedState<S>> cell() {
    return cells;
  }

  /// The state before the first symbol: zeros.
  public StackedState<S> initialState(Tape tape, int batch) {
    return cells.initialState(tape, batch);
  }

  /// What a stretch of text leads to.
  ///
  /// @param logits unnormalised log-probabilities of the next symbol, `[B, T, V]`
  /// @param state the state after the last symbol
  public record Outcome<S extends State<S>>(Variable logits, StackedState<S> state) {}

  /// Reads T symbols of each of B texts, from a state: the list form of the tutorial, step by step.
  ///
  /// @param ids symbols, INT32 `[B, T]`
  public Outcome<S> unroll(Tape tape, Tensor ids, StackedState<S> state) {
    List<Variable> inputs = steps(tape, ids); // T x [B, E]
    Unrolled<StackedState<S>> run = Recurrence.unroll(cells, inputs, state); // T x [B, H]
    List<Variable> logits = run.outputs().stream().map(this::project).toList(); // T x [B, V]
    return new Outcome<>(Variable.stack(1, logits), run.state()); // [B, T, V]
  }

  /// What the cells read at each step.
  List<Variable> steps(Tape tape, Tensor ids) {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T, E]
    List<Variable> parts = embedded.split(1, ids.size(1)); // T x [B, 1, E]
    return parts.stream().map(x -> x.squeeze(1)).toList(); // T x [B, E]
  }

  /// From an output `[B, H]` to the logits of the next symbol, `[B, V]`.
  Variable project(Variable output) {
    return linear.forward(output);
  }

  /// The same without a list: the time axis stays in one piece.
  public Outcome<S> scan(Tape tape, Tensor ids, StackedState<S> state) {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T, E]
    Scanned<StackedState<S>> run = Recurrence.scan(cells, embedded, state); // [B, T, H]
    return new Outcome<>(linear.forward(run.outputs()), run.state()); // [B, T, V]
  }

  // ---- an optimisation, to be skipped at first ----------------------------------------------------------------------

  /// The same where no symbol is looked up before it is multiplied: LSTM, GRU and Elman's network multiply the V
  /// vectors of the vocabulary by their input weight, once, instead of B * T vectors. The numbers are those of
  /// [#unroll], to rounding.
  public Outcome<S> forward(Tape tape, Tensor ids, StackedState<S> state) {
    Variable vectors = embedding.table(tape); // [V, E]
    Scanned<StackedState<S>> run = Recurrence.scanSymbols(cells, vectors, ids, state); // [B, T, H]
    return new Outcome<>(linear.forward(run.outputs()), run.state()); // [B, T, V]
  }

  /// The same from the initial state, which needs no type of state: `CharRnn.Outcome<?> outcome = model.forward(tape,
  /// ids)`.
  public Outcome<S> forward(Tape tape, Tensor ids) {
    return forward(tape, ids, initialState(tape, ids.size(0)));
  }

  /// The model for ONNX Runtime: `ids [B, T]` and the states `state.0.h`, .. in; `logits [B, T, V]`, `probabilities`
  /// and the states `state.0.h_next`, .. out.
  ///
  /// @throws IllegalArgumentException naming a kind of cell that ONNX has no form of
  public OnnxModel toOnnx() {
    return OnnxModel.ofIds("ids").carrying("state").then(embedding).then(cells).then(linear)
        .output("logits").softmax().output("probabilities");
  }

  /// What the model knows now, made ready to write: symbols in, logits `[V]` out, one step at a time. The numbers are
  /// those of [#forward], to the bit for the cells of the library.
  public Sessions<StackedState<S>> sessions() {
    return Sessions.of(embedding, cells, linear);
  }
}

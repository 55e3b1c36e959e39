package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.DropoutCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.fused.CellRun;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.fused.PreparedCell;
import dev.rewind.nn.fused.PreparedFused;
import dev.rewind.nn.fused.PreparedLinear;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.ThenCell;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// A recurrent model made ready to be stepped through without gradients, as a service that samples does: its weights as
/// they are now, laid out once for all its [Session]s. Immutable; training may go on while sessions on any number of
/// threads use what was learned until now. (A cell that is not a [dev.rewind.nn.Block] cannot be copied and must not
/// change.)
///
/// ```java
/// Sessions<StackedState<LstmState>> sessions = Sessions.of(embedding, stack, projection);
/// Session<StackedState<LstmState>> session = sessions.open();
/// float[] logits = session.step(symbol);
/// ```
///
/// Any cell will do. [LstmCell], [GruCell] and [RnnCell], also in a [StackedCell], [ThenCell] or [DropoutCell], run on
/// arrays and allocate nothing, unless there are fewer outputs than a vector has lanes; other cells run their own step
/// on a tape. The numbers are those of [dev.rewind.nn.rnn.Recurrence#scan], to the bit unless such another cell has a scan of its own. A
/// step runs on the calling thread.
///
/// @param <S> the state of the cell
public final class Sessions<S extends State<S>> {
  /// The most elements of a table that holds, for every symbol, what the first cell makes of its vector.
  private static final int TABLE = 1 << 20;

  private final Cell<S> cell;
  private final List<PreparedCell> cells;
  private final int symbols; // 0: reads vectors
  private final float[] vectors; // [symbols, inputs]; null without symbols or with a table
  private final float[] table; // [symbols, prepared]; null without
  private final PreparedLinear projection; // null without

  private Sessions(Cell<S> cell, Embedding embedding, Linear linear) {
    this.cell = cell;
    this.cells = flat(cell).map(Sessions::prepared).toList();
    this.projection = linear == null ? null : new PreparedLinear(linear.state());
    Tensor weight = embedding == null ? null : vectors(embedding);
    this.symbols = weight == null ? 0 : weight.size(0);
    boolean reductions = symbols > 0 && (long) symbols * cells.getFirst().run(1).prepared.length <= TABLE;
    this.table = reductions ? table(cells.getFirst(), weight) : null;
    this.vectors = symbols == 0 || reductions ? null : weight.toFloats();
  }

  /// The vectors of all symbols, that of a padding symbol zero whatever its row has become.
  private static Tensor vectors(Embedding embedding) {
    try (Tape tape = Tape.inference()) {
      return embedding.table(tape).value();
    }
  }

  /// The cells one above the other that a cell amounts to where nothing is dropped; their states have its leaves.
  private static Stream<Cell<?>> flat(Cell<?> cell) {
    return switch (cell) {
      case StackedCell<?> stack -> stack.cells().stream().flatMap(Sessions::flat);
      case ThenCell<?, ?> pair -> pair.cells().stream().flatMap(Sessions::flat);
      case DropoutCell<?> dropout -> flat(dropout.cell());
      default -> Stream.of(cell);
    };
  }

  /// A cell in its fastest form.
  private static PreparedCell prepared(Cell<?> cell) {
    return switch (cell) {
      case LstmCell lstm -> new PreparedFused(FusedKind.LSTM, lstm.state());
      case GruCell gru -> new PreparedFused(FusedKind.GRU, gru.state());
      case RnnCell rnn -> new PreparedFused(
          rnn.nonlinearity() == RnnCell.Nonlinearity.TANH ? FusedKind.TANH : FusedKind.RELU, rnn.state());
      default -> PreparedAny.of(cell);
    };
  }

  private static float[] table(PreparedCell cell, Tensor vectors) {
    CellRun run = cell.run(vectors.size(0));
    run.prepare(vectors.toFloats(), vectors.size(0));
    return run.prepared;
  }

  /// Sessions of a cell: they read vectors and give its outputs.
  public static <S extends State<S>> Sessions<S> of(Cell<S> cell) {
    return new Sessions<>(cell, null, null);
  }

  /// Sessions of a model of symbols: they read ids and give what `projection` makes of the cell's outputs. If the
  /// vocabulary is small, the input product of the first cell is computed here for every symbol, and not again.
  ///
  /// @throws IllegalArgumentException if the sizes of the parts do not fit
  public static <S extends State<S>> Sessions<S> of(Embedding embedding, Cell<S> cell, Linear projection) {
    int vector = embedding.weight().value().size(1);
    int reads = projection.state().get("weight").size(1);
    if (vector != cell.inputSize() || reads != cell.outputSize()) {
      throw new IllegalArgumentException("sessions: the embedding gives vectors of " + vector + ", the cell reads "
          + cell.inputSize() + " and gives " + cell.outputSize() + ", the projection reads " + reads);
    }
    return new Sessions<>(cell, embedding, projection);
  }

  /// A session of one sequence.
  public Session<S> open() {
    return open(1);
  }

  /// A session of `batch` sequences that are read in step.
  ///
  /// @throws IllegalArgumentException if `batch` is less than 1
  public Session<S> open(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("sessions: a batch of " + batch + "; it must be at least 1");
    }
    return new Session<>(this, batch);
  }

  /// The symbols that sessions read; 0 if they read vectors.
  public int symbols() {
    return symbols;
  }

  /// The length of an input vector of the cell.
  public int inputSize() {
    return cell.inputSize();
  }

  /// The length of a session's output for one sequence.
  public int outputSize() {
    return projection != null ? projection.outputs() : cell.outputSize();
  }

  /// The next step of several sessions at once, which reads the weights once for all of them: the same bits as if each
  /// went alone, sooner. The results are the sessions' [Session#output]s. Allocates only if the first session has never
  /// led as many.
  ///
  /// @param symbols of the sequences of the first session, then of the second ..
  /// @throws IllegalArgumentException if a session is there twice or of another model, or there are more or fewer
  ///     symbols than sequences
  /// @throws IndexOutOfBoundsException naming the first id that is not a symbol, and its position
  public void step(List<Session<S>> together, int... symbols) {
    if (!together.isEmpty()) {
      ModelRun run = Session.gather(this, together);
      int rows = Session.rows(together);
      read(run, symbols, rows);
      advance(run, rows);
      Session.scatter(run, together);
    }
  }

  /// The same for sessions that read vectors: those of the sequences of the first session, then of the second ..
  ///
  /// @param inputs `[sequences, inputs]`, row after row
  /// @throws IllegalArgumentException if a session is there twice or of another model, or there are more or fewer
  ///     numbers
  public void step(List<Session<S>> together, float[] inputs) {
    if (!together.isEmpty()) {
      ModelRun run = Session.gather(this, together);
      int rows = Session.rows(together);
      read(run, inputs, rows);
      advance(run, rows);
      Session.scatter(run, together);
    }
  }

  // ---- one step -----------------------------------------------------------------------------------------------------

  Cell<S> cell() {
    return cell;
  }

  ModelRun run(int rows) {
    float[] inputs = new float[table != null ? 0 : rows * cell.inputSize()];
    return new ModelRun(rows, cells.stream().map(c -> c.run(rows)).toList(), inputs,
        projection == null ? null : new float[rows * projection.outputs()]);
  }

  /// Takes over the ids of the first rows.
  void read(ModelRun run, int[] ids, int rows) {
    if (symbols == 0) {
      throw new IllegalArgumentException("step: this session reads vectors of " + cell.inputSize()
          + ", not symbols; make it with an embedding");
    }
    if (ids.length != rows) {
      throw new IllegalArgumentException("step: " + ids.length + " symbols for " + rows + " sequences");
    }
    for (int row = 0; row < rows; row++) {
      read(run, ids[row], row);
    }
    if (table == null) {
      run.cells.getFirst().prepare(run.inputs, rows);
    }
  }

  private void read(ModelRun run, int id, int row) {
    if (id < 0 || id >= symbols) {
      throw new IndexOutOfBoundsException(
          "step: " + id + ", of sequence " + row + ", is not one of " + symbols + " symbols");
    }
    float[] source = table != null ? table : vectors;
    float[] target = table != null ? run.cells.getFirst().prepared : run.inputs;
    int width = source.length / symbols;
    System.arraycopy(source, id * width, target, row * width, width);
  }

  /// Takes over the input vectors `[rows, inputs]` of the first rows.
  void read(ModelRun run, float[] inputs, int rows) {
    if (symbols > 0) {
      throw new IllegalArgumentException("step: this session reads one of " + symbols + " symbols, not vectors");
    }
    if (inputs.length != rows * cell.inputSize()) {
      throw new IllegalArgumentException(
          "step: " + inputs.length + " numbers for " + rows + " vectors of " + cell.inputSize());
    }
    run.cells.getFirst().prepare(inputs, rows);
  }

  /// All cells and the projection, of the first rows.
  void advance(ModelRun run, int rows) {
    for (int k = 0; k < run.cells.size(); k++) {
      CellRun current = run.cells.get(k);
      if (k > 0) {
        current.prepare(run.cells.get(k - 1).output, rows);
      }
      current.step(rows);
    }
    if (projection != null) {
      projection.apply(run.cells.getLast().output, run.logits, rows);
    }
  }

  @Override
  public String toString() {
    return "sessions of " + cell + (symbols == 0 ? "" : " over " + symbols + " symbols");
  }
}

package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Layer;
import dev.rewind.nn.Linear;
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
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;

/// A recurrent model made ready to be stepped through without gradients, as a service that samples does: its weights as
/// they are now, laid out once for all its [Session]s. Immutable; training may go on while sessions on any number of
/// threads use what was learned until now. (What is not a [Block] cannot be copied and must not
/// change.)
///
/// ```java
/// Sessions<StackedState<LstmState>> sessions = Sessions.of(embedding, stack, projection);
/// Session<StackedState<LstmState>> session = sessions.open();
/// float[] logits = session.step(symbol);
/// ```
///
/// Any cell and any head will do. [LstmCell], [GruCell] and [RnnCell], also in a [StackedCell], [ThenCell] or
/// [DropoutCell], run on arrays and allocate nothing, unless there are fewer outputs than a vector has lanes; other
/// cells run their own step on a tape. The numbers are those of [dev.rewind.nn.rnn.Recurrence#scan], to the bit unless
/// such another cell has a scan of its own. A step runs on the calling thread.
///
/// @param <S> the state of the cell
public final class Sessions<S extends State<S>> {
  /// The most elements of a table that holds, for every symbol, what the first cell makes of its vector.
  private static final int TABLE = 1 << 20;

  final Cell<S> cell;
  final List<PreparedCell> cells; // the last is the head, if that is not linear
  final int symbols; // 0: reads vectors
  final float[] vectors; // [symbols, inputs]; null without symbols or with a table
  final float[] table; // [symbols, prepared]; null without
  final PreparedLinear projection; // null without a linear head
  private final int outputSize;

  private Sessions(Cell<S> cell, Embedding embedding, Layer head) {
    requireFloat(cell);
    requireFloat(embedding);
    requireFloat(head);
    Stream<Cell<?>> top = head == null || head instanceof Linear ? Stream.of()
        : Stream.of(new HeadCell(head, cell.outputSize()));
    this.cell = cell;
    this.cells = Stream.concat(flat(cell), top).map(Sessions::prepared).toList();
    this.projection = head instanceof Linear linear ? new PreparedLinear(linear.state()) : null;
    Tensor weight = embedding == null ? null : vectors(embedding);
    this.symbols = weight == null ? 0 : weight.size(0);
    boolean small = symbols > 0 && (long) symbols * cells.getFirst().run(1).prepared.length <= TABLE;
    this.table = small ? table(cells.getFirst(), weight) : null;
    this.vectors = symbols == 0 || small ? null : weight.toFloats();
    this.outputSize = projection != null ? projection.outputs() : cells.getLast().run(1).output.length;
  }

  private static void requireFloat(Object part) {
    if (part instanceof Block block && block.dtype() != DType.FLOAT32) {
      throw new DTypeException("sessions: " + block.getClass().getSimpleName() + " is " + block.dtype()
          + ", and sessions compute in FLOAT32; convert the model with to(DType.FLOAT32)");
    }
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
      default -> new PreparedAny<>(cell);
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

  /// Sessions that read vectors and give what `head` makes of the cell's outputs.
  ///
  /// @param head `[batch, outputs of the cell]` to `[batch, outputs]`, each row on its own; fastest if it is a [Linear]
  /// @throws IllegalArgumentException if the sizes of the parts do not fit, or the head mixes rows
  public static <S extends State<S>> Sessions<S> of(Cell<S> cell, Layer head) {
    requireSizes("", cell.inputSize(), cell, head);
    return new Sessions<>(cell, null, head);
  }

  /// Sessions of a model of symbols: they read ids and give what `head` makes of the cell's outputs. If the
  /// vocabulary is small, the input product of the first cell is computed here for every symbol, and not again.
  ///
  /// @param head `[batch, outputs of the cell]` to `[batch, outputs]`, each row on its own; fastest if it is a [Linear]
  /// @throws IllegalArgumentException if the sizes of the parts do not fit, or the head mixes rows
  public static <S extends State<S>> Sessions<S> of(Embedding embedding, Cell<S> cell, Layer head) {
    int vector = embedding.weight().value().size(1);
    requireSizes("the embedding gives vectors of " + vector + ", ", vector, cell, head);
    return new Sessions<>(cell, embedding, head);
  }

  private static void requireSizes(String before, int given, Cell<?> cell, Layer head) {
    int reads = head instanceof Linear linear ? linear.state().get("weight").size(1) : cell.outputSize();
    if (given != cell.inputSize() || reads != cell.outputSize()) {
      throw new IllegalArgumentException("sessions: " + before + "the cell reads " + cell.inputSize() + " and gives "
          + cell.outputSize() + ", the projection reads " + reads);
    }
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
    return outputSize;
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
    step(together, (group, rows) -> group.read(symbols, rows));
  }

  /// The same for sessions that read vectors: those of the sequences of the first session, then of the second ..
  ///
  /// @param inputs `[sequences, inputs]`, row after row
  /// @throws IllegalArgumentException if a session is there twice or of another model, or there are more or fewer
  ///     numbers
  public void step(List<Session<S>> together, float[] inputs) {
    step(together, (group, rows) -> group.read(inputs, rows));
  }

  private void step(List<Session<S>> together, ObjIntConsumer<Session<S>> read) {
    if (!together.isEmpty()) {
      Session<S> group = Session.gather(this, together);
      int rows = Session.rows(together);
      read.accept(group, rows);
      group.advance(rows);
      Session.scatter(group, together);
    }
  }

  @Override
  public String toString() {
    return "sessions of " + cell + (symbols == 0 ? "" : " over " + symbols + " symbols");
  }
}

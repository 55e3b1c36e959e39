package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.fused.CellRun;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// One sequence, or a batch of sequences, in the course of being read step by step: the state, and the buffers of a
/// step. Opened by [Sessions]. A session belongs to one thread at a time; any number of them may run at once.
///
/// @param <S> the state of the cell
public final class Session<S extends State<S>> {
  private final Sessions<S> sessions;
  private final int rows;
  private final List<CellRun> cells;
  private final float[] inputs; // [R, inputs]; empty where a table gives what the first cell takes
  private final float[] logits; // [R, outputs] of a linear head, else null
  private final int[] one = new int[1];
  private Session<S> group; // of several sessions that this one led; null before

  Session(Sessions<S> sessions, int rows) {
    this.sessions = sessions;
    this.rows = rows;
    this.cells = sessions.cells.stream().map(cell -> cell.run(rows)).toList();
    this.inputs = new float[sessions.table != null ? 0 : rows * sessions.inputSize()];
    this.logits = sessions.projection == null ? null : new float[rows * sessions.projection.outputs()];
  }

  // ---- steps --------------------------------------------------------------------------------------------------------

  /// Reads the next symbol of the one sequence.
  ///
  /// @return as [#step(int\[\])]
  public float[] step(int symbol) {
    one[0] = symbol;
    return step(one);
  }

  /// Reads the next symbol of every sequence.
  ///
  /// @param symbols `[batch]`
  /// @return the output `[batch, outputs]`, row after row, in an array of this session: valid until its next step
  /// @throws IllegalArgumentException if there are more or fewer, or the session reads vectors
  /// @throws IndexOutOfBoundsException naming the first id that is not a symbol, and its position
  public float[] step(int[] symbols) {
    read(symbols, rows);
    return advance(rows);
  }

  /// Reads the next vector of every sequence.
  ///
  /// @param inputs `[batch, inputs]`, row after row
  /// @return as [#step(int\[\])]
  /// @throws IllegalArgumentException if there are more or fewer numbers, or the session reads symbols
  public float[] step(float[] inputs) {
    read(inputs, rows);
    return advance(rows);
  }

  /// Reads the next symbols, INT32 `[batch]`, or the next vectors, FLOAT32 `[batch, inputs]`.
  ///
  /// @return the output `[batch, outputs]`, a copy
  /// @throws ShapeException if the input has another shape
  /// @throws DTypeException if it has another dtype
  public Tensor step(Tensor input) {
    Shape wanted = sessions.symbols() > 0 ? Shape.of(rows) : Shape.of(rows, sessions.inputSize());
    if (!input.shape().equals(wanted)) {
      throw new ShapeException("step: wants an input " + wanted + ", not " + input.shape());
    }
    DType dtype = sessions.symbols() > 0 ? DType.INT32 : DType.FLOAT32;
    if (input.dtype() != dtype) {
      throw new DTypeException("step: wants an input of " + dtype + ", not " + input.dtype());
    }
    if (sessions.symbols() > 0) {
      step(input.toInts());
    } else {
      step(input.toFloats());
    }
    return output();
  }

  /// What the last step gave, `[batch, outputs]`, a copy; zeros before the first.
  public Tensor output() {
    return Tensor.wrap(outputs().clone(), rows, sessions.outputSize());
  }

  /// The number of sequences.
  public int batch() {
    return rows;
  }

  /// Takes over the ids of the first rows.
  void read(int[] ids, int count) {
    if (sessions.symbols == 0) {
      throw new IllegalArgumentException("step: this session reads vectors of " + sessions.inputSize()
          + ", not symbols; make it with an embedding");
    }
    if (ids.length != count) {
      throw new IllegalArgumentException("step: " + ids.length + " symbols for " + count + " sequences");
    }
    float[] source = sessions.table != null ? sessions.table : sessions.vectors;
    float[] target = sessions.table != null ? cells.getFirst().prepared : inputs;
    for (int row = 0; row < count; row++) {
      if (ids[row] < 0 || ids[row] >= sessions.symbols) {
        throw new IndexOutOfBoundsException(
            "step: " + ids[row] + ", of sequence " + row + ", is not one of " + sessions.symbols + " symbols");
      }
      CellRun.copy(source, sessions.symbols, ids[row], target, row, 1);
    }
    if (sessions.table == null) {
      cells.getFirst().prepare(inputs, count);
    }
  }

  /// Takes over the vectors `[count, inputs]` of the first rows.
  void read(float[] vectors, int count) {
    if (sessions.symbols > 0) {
      throw new IllegalArgumentException(
          "step: this session reads one of " + sessions.symbols + " symbols, not vectors");
    }
    if (vectors.length != count * sessions.inputSize()) {
      throw new IllegalArgumentException(
          "step: " + vectors.length + " numbers for " + count + " vectors of " + sessions.inputSize());
    }
    cells.getFirst().prepare(vectors, count);
  }

  /// All cells and the head, of the first rows.
  float[] advance(int count) {
    for (int k = 0; k < cells.size(); k++) {
      if (k > 0) {
        cells.get(k).prepare(cells.get(k - 1).output, count);
      }
      cells.get(k).step(count);
    }
    if (logits != null) {
      sessions.projection.apply(cells.getLast().output, logits, count);
    }
    return outputs();
  }

  private float[] outputs() {
    return logits != null ? logits : cells.getLast().output;
  }

  // ---- the state ----------------------------------------------------------------------------------------------------

  /// The state, as constants of a tape.
  public S state(Tape tape) {
    return sessions.cell.initialState(tape, rows).withLeaves(cells.stream()
        .flatMap(cell -> IntStream.range(0, cell.leaves.length)
            .mapToObj(k -> tape.constant(Tensor.wrap(cell.leaves[k].clone(), cell.sizes[k]))))
        .toList());
  }

  /// The leaves of the state by name, copies.
  public Map<String, Tensor> state() {
    try (Tape tape = Tape.inference()) {
      return named(state(tape));
    }
  }

  private static <S extends State<S>> Map<String, Tensor> named(S state) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int k = 0; k < state.names().size(); k++) {
      named.put(state.names().get(k), state.leaves().get(k).value());
    }
    return named;
  }

  /// Goes on from another state, of which it keeps a copy. An axis that the initial state has with size 0, such as that
  /// of a memory which is attended to, may have any.
  ///
  /// @throws IllegalArgumentException naming the first leaf that is of another shape or dtype
  public void setState(S state) {
    setState(named(state));
  }

  /// Goes on from another state, given by the names of its leaves, of which it keeps a copy.
  ///
  /// @throws IllegalArgumentException naming the first leaf that is missing or of another shape or dtype
  public void setState(Map<String, Tensor> state) {
    Map<String, Tensor> initial;
    try (Tape tape = Tape.inference()) {
      initial = named(sessions.cell.initialState(tape, rows));
    }
    initial.forEach((name, like) -> {
      Tensor value = state.get(name);
      if (value == null) {
        throw new IllegalArgumentException("setState: " + name + " is missing; there are " + state.keySet());
      }
      if (value.dtype() != DType.FLOAT32 || !fits(value.shape(), like.shape())) {
        throw new IllegalArgumentException("setState: " + name + " is " + value.dtype() + " " + value.shape()
            + ", wanted FLOAT32 " + like.shape());
      }
    });
    Iterator<String> names = initial.keySet().iterator();
    for (CellRun cell : cells) {
      for (int k = 0; k < cell.leaves.length; k++) {
        cell.put(k, state.get(names.next()));
      }
    }
  }

  private static boolean fits(Shape shape, Shape like) {
    return shape.rank() == like.rank() && IntStream.range(0, like.rank())
        .allMatch(axis -> shape.size(axis) == like.size(axis) || axis > 0 && like.size(axis) == 0);
  }

  /// Goes back to the state before the first step.
  public void reset() {
    cells.forEach(CellRun::reset);
  }

  /// Another session in the same state, which goes its own way from here.
  public Session<S> fork() {
    Session<S> copy = new Session<>(sessions, rows);
    copy.copyRows(this, 0, 0, rows);
    return copy;
  }

  /// A session whose sequence `i` goes on from where sequence `from[i]` of this one is; `into` if it has as many.
  Session<S> selected(int[] from, Session<S> into) {
    Session<S> target = into != null && into.rows == from.length ? into : new Session<>(sessions, from.length);
    for (int row = 0; row < from.length; row++) {
      target.copyRows(this, from[row], row, 1);
    }
    return target;
  }

  /// Takes over rows of state and output of another session of the same model.
  private void copyRows(Session<S> from, int fromRow, int toRow, int count) {
    for (int k = 0; k < cells.size(); k++) {
      cells.get(k).copyRows(from.cells.get(k), fromRow, toRow, count);
    }
    CellRun.copy(from.outputs(), from.rows, fromRow, outputs(), toRow, count);
  }

  // ---- several at once ----------------------------------------------------------------------------------------------

  static <S extends State<S>> int rows(List<Session<S>> together) {
    int rows = 0;
    for (int k = 0; k < together.size(); k++) {
      rows += together.get(k).rows;
    }
    return rows;
  }

  /// A session that has the sequences of several one after another; it belongs to the first of them.
  static <S extends State<S>> Session<S> gather(Sessions<S> sessions, List<Session<S>> together) {
    Session<S> leader = together.getFirst();
    int rows = rows(together);
    if (leader.group == null || leader.group.rows < rows) {
      leader.group = new Session<>(leader.sessions, rows);
    }
    int row = 0;
    for (int k = 0; k < together.size(); k++) {
      Session<S> session = together.get(k);
      if (session.sessions != sessions) {
        throw new IllegalArgumentException(
            "step: session " + k + " is of another model, or of other weights of this one");
      }
      if (together.indexOf(session) < k) {
        throw new IllegalArgumentException(
            "step: sessions " + together.indexOf(session) + " and " + k + " are the same one");
      }
      leader.group.copyRows(session, 0, row, session.rows);
      row += session.rows;
    }
    return leader.group;
  }

  /// Gives all that [#gather] took back.
  static <S extends State<S>> void scatter(Session<S> group, List<Session<S>> together) {
    int row = 0;
    for (int k = 0; k < together.size(); k++) {
      together.get(k).copyRows(group, row, 0, together.get(k).rows);
      row += together.get(k).rows;
    }
  }

  @Override
  public String toString() {
    return "one of the " + sessions;
  }
}

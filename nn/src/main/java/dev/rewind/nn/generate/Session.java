package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.CellRun;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One sequence, or a batch of sequences, in the course of being read step by step: the state, and the buffers of a
/// step. Opened by [Sessions]. A session belongs to one thread at a time; any number of them may run at once.
///
/// @param <S> the state of the cell
public final class Session<S extends State<S>> {
  private final Sessions<S> sessions;
  private final ModelRun run;
  private final int[] one = new int[1];
  private ModelRun group; // of several sessions that this one led; null before

  Session(Sessions<S> sessions, int batch) {
    this.sessions = sessions;
    this.run = sessions.run(batch);
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
    sessions.read(run, symbols, run.rows);
    sessions.advance(run, run.rows);
    return run.output();
  }

  /// Reads the next vector of every sequence.
  ///
  /// @param inputs `[batch, inputs]`, row after row
  /// @return as [#step(int\[\])]
  /// @throws IllegalArgumentException if there are more or fewer numbers, or the session reads symbols
  public float[] step(float[] inputs) {
    sessions.read(run, inputs, run.rows);
    sessions.advance(run, run.rows);
    return run.output();
  }

  /// Reads the next symbols, INT32 `[batch]`, or the next vectors, FLOAT32 `[batch, inputs]`.
  ///
  /// @return the output `[batch, outputs]`, a copy
  /// @throws ShapeException if the input has another shape
  /// @throws DTypeException if it has another dtype
  public Tensor step(Tensor input) {
    Shape wanted = sessions.symbols() > 0 ? Shape.of(run.rows) : Shape.of(run.rows, sessions.inputSize());
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
    return Tensor.wrap(run.output().clone(), run.rows, sessions.outputSize());
  }

  /// The number of sequences.
  public int batch() {
    return run.rows;
  }

  // ---- the state ----------------------------------------------------------------------------------------------------

  /// The state, as constants of a tape.
  public S state(Tape tape) {
    S like = sessions.cell().initialState(tape, run.rows);
    List<Variable> leaves = new ArrayList<>();
    for (CellRun cell : run.cells) {
      for (float[] leaf : cell.leaves) {
        leaves.add(tape.constant(Tensor.wrap(leaf.clone(), like.leaves().get(leaves.size()).shape().sizes())));
      }
    }
    return like.withLeaves(leaves);
  }

  /// The leaves of the state by name, copies.
  public Map<String, Tensor> state() {
    try (Tape tape = Tape.inference()) {
      S state = state(tape);
      Map<String, Tensor> named = new LinkedHashMap<>();
      for (int k = 0; k < state.names().size(); k++) {
        named.put(state.names().get(k), state.leaves().get(k).value());
      }
      return named;
    }
  }

  /// Goes on from another state, of which it keeps a copy.
  ///
  /// @throws IllegalArgumentException naming the first leaf that is of another shape or dtype
  public void setState(S state) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int k = 0; k < state.names().size(); k++) {
      named.put(state.names().get(k), state.leaves().get(k).value());
    }
    setState(named);
  }

  /// Goes on from another state, given by the names of its leaves, of which it keeps a copy.
  ///
  /// @throws IllegalArgumentException naming the first leaf that is missing or of another shape or dtype
  public void setState(Map<String, Tensor> state) {
    List<float[]> values = new ArrayList<>();
    state().forEach((name, like) -> {
      Tensor value = state.get(name);
      if (value == null) {
        throw new IllegalArgumentException("setState: " + name + " is missing; there are " + state.keySet());
      }
      if (value.dtype() != DType.FLOAT32 || !value.shape().equals(like.shape())) {
        throw new IllegalArgumentException("setState: " + name + " is " + value.dtype() + " " + value.shape()
            + ", wanted FLOAT32 " + like.shape());
      }
      values.add(value.toFloats());
    });
    int next = 0;
    for (CellRun cell : run.cells) {
      for (float[] leaf : cell.leaves) {
        System.arraycopy(values.get(next++), 0, leaf, 0, leaf.length);
      }
    }
  }

  /// Goes back to the state before the first step.
  public void reset() {
    run.cells.forEach(CellRun::reset);
  }

  /// Another session in the same state, which goes its own way from here.
  public Session<S> fork() {
    Session<S> copy = new Session<>(sessions, run.rows);
    ModelRun.copy(run, 0, copy.run, 0, run.rows);
    return copy;
  }

  /// A session of the same model with another batch, before its first step.
  Session<S> sibling(int batch) {
    return new Session<>(sessions, batch);
  }

  /// Takes over sequences of another session of the same model: its sequence `rows[i]` as sequence `i`.
  void take(Session<S> other, int[] rows) {
    for (int row = 0; row < rows.length; row++) {
      ModelRun.copy(other.run, rows[row], run, row, 1);
    }
  }

  // ---- several at once ----------------------------------------------------------------------------------------------

  static <S extends State<S>> int rows(List<Session<S>> together) {
    int rows = 0;
    for (int k = 0; k < together.size(); k++) {
      rows += together.get(k).run.rows;
    }
    return rows;
  }

  /// A run that has the sequences of several sessions one after another; it belongs to the first of them.
  static <S extends State<S>> ModelRun gather(Sessions<S> sessions, List<Session<S>> together) {
    Session<S> leader = together.getFirst();
    int rows = rows(together);
    if (leader.group == null || leader.group.rows < rows) {
      leader.group = leader.sessions.run(rows);
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
      ModelRun.copy(session.run, 0, leader.group, row, session.run.rows);
      row += session.run.rows;
    }
    return leader.group;
  }

  static <S extends State<S>> void scatter(ModelRun group, List<Session<S>> together) {
    int row = 0;
    for (int k = 0; k < together.size(); k++) {
      ModelRun.copy(group, row, together.get(k).run, 0, together.get(k).run.rows);
      row += together.get(k).run.rows;
    }
  }

  @Override
  public String toString() {
    return "one of the " + sessions;
  }
}

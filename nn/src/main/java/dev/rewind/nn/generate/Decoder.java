package dev.rewind.nn.generate;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;

/// Sequences of symbols that a model reads step by step, saying each time what it expects next: what [Sampling] and
/// [BeamSearch] drive, whatever the model. It goes on from its present state, so a prompt or an encoder can come
/// before.
public interface Decoder {
  /// The number of sequences, which are read in step.
  int rows();

  /// Reads the next symbol of every sequence.
  ///
  /// @param symbols `[rows]`
  /// @return unnormalised log-probabilities of the symbols that follow, `[rows, symbols]`, row after row; valid until
  ///     the next step
  /// @throws IllegalArgumentException if there are more or fewer
  float[] step(int[] symbols);

  /// Lets sequence `i` go on from where sequence `rows[i]` is. There may be more or fewer than before.
  ///
  /// @throws IndexOutOfBoundsException naming a row that is not there
  void select(int[] rows);

  /// One step of a model: from the next symbols, INT32 `[rows]`, and a state to the logits `[rows, symbols]` and the
  /// state after.
  ///
  /// @param <S> the kind of state
  @FunctionalInterface
  interface Model<S extends State<S>> {
    /// One step.
    Step<S> step(Variable symbols, S state);
  }

  /// Any model, from a state on an inference tape, which has to stay open.
  ///
  /// ```java
  /// Decoder decoder = Decoder.of((symbols, state) -> {
  ///   Step<S> step = cell.step(embedding.forward(symbols), state);
  ///   return new Step<>(projection.forward(step.output()), step.state());
  /// }, cell.initialState(tape, 1));
  /// ```
  ///
  /// @throws IllegalArgumentException if the tape records; at a step, if the model returns logits of another shape
  /// @throws IllegalStateException if it is closed, here and at each step
  static <S extends State<S>> Decoder of(Model<S> model, S state) {
    return new ModelDecoder<>(model, state);
  }

  /// A session of a model of symbols, from its present state. It is moved on; after a [#select], a session of the
  /// decoder's own takes over.
  static <S extends State<S>> Decoder of(Session<S> session) {
    return new SessionDecoder<>(session);
  }
}

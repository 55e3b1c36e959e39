package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.nn.Losses;
import dev.rewind.nn.generate.Decoder;
import dev.rewind.nn.generate.Sampling;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/// What a trained model is used for: judging a text and writing one.
public final class TextModel {
  private static final int WINDOW = 256;

  private TextModel() {}

  /// The mean negative log-likelihood, in nats a symbol, of a text read as one stream from a zero state: over all its
  /// symbols but the first.
  ///
  /// @param ids at least two symbols
  public static double loss(CharRnn<?> model, int[] ids) {
    return lossOf(model, ids);
  }

  private static <S extends State<S>> double lossOf(CharRnn<S> model, int[] ids) {
    if (ids.length < 2) {
      throw new UserError("a text of " + ids.length + " symbols has nothing to predict; it needs at least 2");
    }
    double total = 0;
    TapeOptions options = TapeOptions.defaults(); // one workspace for all windows
    StackedState<S> state = null;
    for (int from = 0; from < ids.length - 1; from += WINDOW) {
      int to = Math.min(from + WINDOW, ids.length - 1);
      try (Tape tape = Tape.inference(options)) {
        StackedState<S> start = state == null ? model.initialState(tape, 1) : state.on(tape);
        Tensor inputs = Tensor.wrap(Arrays.copyOfRange(ids, from, to), 1, to - from);
        Tensor targets = Tensor.wrap(Arrays.copyOfRange(ids, from + 1, to + 1), 1, to - from);
        CharRnn.Outcome<S> outcome = model.forward(tape, inputs, start);
        total += Losses.crossEntropy(outcome.logits(), targets).item() * (to - from);
        state = outcome.state();
      }
    }
    return total / (ids.length - 1);
  }

  /// Writes symbols one after another, each drawn from what the model expects after those before.
  ///
  /// @param prompt symbols to read first; if there are none, a newline or else the first symbol of the vocabulary is
  ///     read
  /// @return symbols without end, each computed when it is asked for
  public static IntStream write(CharRnn<?> model, Vocabulary vocabulary, int[] prompt, Sampling sampling, Rng rng) {
    int[] read = prompt.length > 0 ? prompt : start(vocabulary);
    return sampling.symbols(Decoder.of(model.sessions().open()), read, rng);
  }

  private static int[] start(Vocabulary vocabulary) {
    return new int[] {vocabulary.contains('\n') ? vocabulary.id('\n') : 0};
  }
}

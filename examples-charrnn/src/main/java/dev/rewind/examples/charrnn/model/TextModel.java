package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.nn.Losses;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Windows;
import dev.rewind.nn.generate.Decoder;
import dev.rewind.nn.generate.Sampling;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.nn.train.Mean;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;

/// What a trained model is used for: judging a text and writing one.
public final class TextModel {
  private static final int WINDOW = 256;

  private TextModel() {}

  /// The mean negative log-likelihood, in nats a symbol, of a text read as one stream from a zero state: over all its
  /// symbols but the first.
  ///
  /// @param ids at least two symbols
  public static <S extends State<S>> double loss(CharRnn<S> model, int[] ids) {
    if (ids.length < 2) {
      throw new UserError("a text of " + ids.length + " symbols has nothing to predict; it needs at least 2");
    }
    TapeOptions options = TapeOptions.defaults(); // one workspace for all windows
    TbpttState<StackedState<S>> carried = new TbpttState<>(model.cell(), 1);
    Mean mean = new Mean();
    for (Batch window : Windows.stream(Tensor.wrap(ids, ids.length), WINDOW)) {
      try (Tape tape = Tape.inference(options)) {
        CharRnn.Outcome<S> outcome = model.forward(tape, window.inputs(), carried.on(tape));
        mean.add(Losses.crossEntropy(outcome.logits(), window.targets()).item(), window.steps());
        carried.keep(outcome.state());
      }
    }
    return mean.value();
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

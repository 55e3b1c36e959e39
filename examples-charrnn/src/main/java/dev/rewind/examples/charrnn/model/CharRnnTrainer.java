package dev.rewind.examples.charrnn.model;

import dev.rewind.nn.Losses;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.data.Windows;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.nn.train.Trainer;
import dev.rewind.tensor.Rng;

/// Truncated back-propagation through time: each iteration reads the next T symbols of each of B texts, from the state
/// in which the one before ended, and makes one step of Adam.
public final class CharRnnTrainer {
  private CharRnnTrainer() {}

  /// A trainer of a model, whatever its cells.
  ///
  /// @param windows of the text, as [Windows#streams] gives them
  public static <S extends State<S>> Trainer<Batch> of(
      CharRnn<S> model, TrainOptions options, Dataset<Batch> windows) {
    Adam adam = new Adam(model.namedParameters(), options.learningRate(), Adam.Options.defaults());
    TbpttState<StackedState<S>> carried = new TbpttState<>(model.cell(), options.batch());
    return new Trainer<Batch>(adam, _ -> {
      carried.reset(); // an epoch begins
      return windows;
    }, (tape, window) -> {
      CharRnn.Outcome<S> outcome = options.form().read(model, tape, window.inputs(), carried.on(tape)); // [B, T, V]
      carried.keep(outcome.state()); // as numbers: the gradient stops here
      return Losses.crossEntropy(outcome.logits(), window.targets()); // []
    }).clip(options.clip()).rng(Rng.of(options.seed()).split("dropout")).keep("carried", carried::state, carried::load);
  }
}

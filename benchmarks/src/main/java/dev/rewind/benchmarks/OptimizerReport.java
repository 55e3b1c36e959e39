package dev.rewind.benchmarks;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.examples.charrnn.Corpus;
import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.Losses;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.data.Windows;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.optim.Muon;
import dev.rewind.nn.optim.Optimizer;
import dev.rewind.nn.optim.Schedule;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Does [Muon] train a char-RNN in fewer steps than [Adam], and in less time? Two LSTM layers of 128 learn the
/// char-RNN's text, of which the last tenth is held out; prints the mean loss there, and the median milliseconds of an
/// iteration. All optimizers take turns, iteration by iteration, so that their times can be compared.
///
/// The first argument is how many iterations, the second seeds by commas, the others kinds and rates: `adam=0.01
/// muon=0.005`, or `muon=0.005,linear` for a rate that falls to zero.
public final class OptimizerReport {
  private static final int BATCH = 50;
  private static final int STEPS = 50;
  private static final int HIDDEN = 128;
  private static final int EVERY = 300; // iterations between two measurements

  private final String name;
  private final CharRnn<LstmState> model;
  private final TbpttState<StackedState<LstmState>> carried;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final List<Long> nanos = new ArrayList<>();

  private OptimizerReport(String name, int symbols, int iterations, Rng rng) {
    this.name = name;
    this.model = CharRnn.lstm(new ModelOptions(CellKind.LSTM, symbols, HIDDEN, HIDDEN, 2, 0), rng);
    this.carried = new TbpttState<>(model.cell(), BATCH);
    String[] parts = name.split("[=,]");
    double rate = Double.parseDouble(parts[1]);
    this.schedule = parts.length < 3 ? Schedule.constant(rate) : i -> rate * (1 - i / (double) iterations);
    this.optimizer = switch (parts[0]) {
      case "adam" -> new Adam(model.namedParameters(), rate);
      case "muon" -> new Muon(model.namedParameters(), "cells", rate);
      default -> throw new IllegalArgumentException(name + ": neither adam nor muon");
    };
  }

  /// Trains and prints.
  public static void main(String[] arguments) {
    if (arguments.length < 3) {
      System.err.println("usage: OptimizerReport ITERATIONS SEEDS KIND=RATE.., such as 900 1 adam=0.01 muon=0.005");
      System.exit(2);
    }
    int[] text = Corpus.read();
    Vocabulary symbols = Vocabulary.ofText(text);
    int[] ids = symbols.encode(text);
    int cut = ids.length / 10 * 9;
    Tensor series = Tensor.of(ids, ids.length);
    Dataset<Batch> training = Windows.streams(series.slice(0, 0, cut), BATCH, STEPS);
    Dataset<Batch> heldOut = Windows.streams(series.slice(0, cut, ids.length), BATCH, STEPS);
    int iterations = Integer.parseInt(arguments[0]);
    System.out.println("| optimizer | seed | iterations | held-out loss | ms an iteration |\n|---|---|---|---|---|");
    for (String seed : arguments[1].split(",")) {
      List<OptimizerReport> runs = Arrays.stream(arguments).skip(2)
          .map(name -> new OptimizerReport(name, symbols.size(), iterations, Rng.of(Long.parseLong(seed)))).toList();
      for (int i = 0; i < iterations; i++) {
        for (OptimizerReport run : runs) {
          run.step(training, i);
        }
        if ((i + 1) % EVERY == 0) {
          for (OptimizerReport run : runs) {
            System.out.printf(Locale.ROOT, "| %s | %s | %d | %.4f | %.1f |%n", run.name, seed, i + 1,
                run.validate(heldOut), run.nanos.stream().sorted().toList().get(i / 2) / 1e6);
          }
        }
      }
    }
  }

  private void step(Dataset<Batch> training, int i) {
    long start = System.nanoTime();
    if (i % training.size() == 0) {
      carried.reset();
    }
    try (Tape tape = Tape.training(Rng.of(0))) {
      optimizer.learningRate(schedule.at(i));
      optimizer.step(tape.gradients(loss(tape, training.get(i % training.size()), carried)).clipByNorm(5));
    }
    nanos.add(System.nanoTime() - start);
  }

  private double validate(Dataset<Batch> heldOut) {
    TbpttState<StackedState<LstmState>> from = new TbpttState<>(model.cell(), BATCH);
    double sum = 0;
    for (Batch batch : heldOut) {
      try (Tape tape = Tape.inference()) {
        sum += loss(tape, batch, from).item();
      }
    }
    return sum / heldOut.size();
  }

  private Variable loss(Tape tape, Batch batch, TbpttState<StackedState<LstmState>> from) {
    CharRnn.Outcome<LstmState> outcome = model.forward(tape, batch.inputs(), from.on(tape));
    from.keep(outcome.state());
    return Losses.crossEntropy(outcome.logits(), batch.targets());
  }
}

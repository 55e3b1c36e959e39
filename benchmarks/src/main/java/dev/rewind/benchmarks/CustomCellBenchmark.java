package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Warmup;

/// How fast does a cell train that a user wrote from primitive operations? The char-RNN of the yardstick with an LSTM
/// that knows no fused kernel: every step of every layer is recorded on the tape, operation by operation.
@org.openjdk.jmh.annotations.State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmn512m"})
@Warmup(iterations = 100)
@Measurement(iterations = 100)
public class CustomCellBenchmark {
  private static final int SYMBOLS = 65;

  /// The case.
  @org.openjdk.jmh.annotations.Param({"SMALL", "TUTORIAL"})
  public TrainingBenchmark.Case yardstick;

  private final TapeOptions options = TapeOptions.defaults().reusingValues();
  private Model model;
  private Adam optimizer;
  private Tensor inputs; // [batch, steps]
  private Tensor targets; // [batch, steps]
  private List<LstmState> carried;

  /// The benchmark for any sizes, ready to run.
  public static CustomCellBenchmark of(TrainingSizes sizes) {
    CustomCellBenchmark benchmark = new CustomCellBenchmark();
    benchmark.prepare(sizes);
    return benchmark;
  }

  /// Makes model and text.
  @Setup
  public void prepare() {
    prepare(yardstick.sizes());
  }

  private void prepare(TrainingSizes sizes) {
    Rng rng = Rng.of(1);
    model = new Model(sizes.layers(), sizes.hidden(), rng);
    optimizer = new Adam(model.parameters(), 2e-3);
    int[] ids = new int[sizes.batch() * (sizes.steps() + 1)];
    Arrays.setAll(ids, i -> rng.nextInt(SYMBOLS));
    Tensor text = Tensor.wrap(ids, sizes.batch(), sizes.steps() + 1);
    inputs = text.slice(1, 0, sizes.steps());
    targets = text.slice(1, 1, sizes.steps() + 1);
    try (Tape tape = Tape.inference()) {
      carried = model.cells.stream().map(cell -> cell.initialState(tape, sizes.batch())).toList();
    }
  }

  /// One step; B * T divided by its time is the speed.
  @Benchmark
  public double step() {
    return train(false);
  }

  /// The same step, if the first layer is told the symbols instead of their vectors.
  @Benchmark
  public double stepOfSymbols() {
    return train(true);
  }

  private double train(boolean symbols) {
    try (Tape tape = Tape.recording(options)) {
      Variable x = symbols ? null : model.embedding.forward(tape.constant(inputs)); // [batch, steps, hidden]
      List<LstmState> after = new ArrayList<>();
      for (int layer = 0; layer < model.cells.size(); layer++) {
        PlainLstm cell = model.cells.get(layer);
        LstmState before = carried.get(layer).on(tape);
        Scanned<LstmState> run = symbols && layer == 0
            ? Recurrence.scanSymbols(cell, model.embedding.table(tape), inputs, before)
            : Recurrence.scan(cell, x, before);
        x = run.outputs();
        after.add(run.state());
      }
      Variable loss = Losses.crossEntropy(model.projection.forward(x), targets);
      Gradients gradients = tape.gradients(loss);
      optimizer.step(gradients.clipByNorm(5));
      carried = after.stream().map(state -> state.map(leaf -> tape.constant(leaf.value().copy()))).toList();
      return loss.item();
    }
  }

  private static final class Model extends Block {
    final Embedding embedding;
    final List<PlainLstm> cells = new ArrayList<>();
    final Linear projection;

    Model(int layers, int hidden, Rng rng) {
      embedding = child("embedding", new Embedding(SYMBOLS, hidden, rng.split("embedding")));
      for (int layer = 0; layer < layers; layer++) {
        cells.add(child("cell" + layer, new PlainLstm(hidden, rng.split("cell" + layer))));
      }
      projection = child("projection", new Linear(hidden, SYMBOLS, rng.split("projection")));
    }
  }

  /// The long short-term memory as one writes it down: gates in the order i, f, g, o.
  private static final class PlainLstm extends RecurrentCell<LstmState> {
    private final Param inputWeight; // [4 * hidden, hidden]
    private final Param hiddenWeight; // [4 * hidden, hidden]
    private final Param bias; // [4 * hidden]

    PlainLstm(int hidden, Rng rng) {
      super(hidden, hidden, LstmState::zeros);
      double limit = 1 / Math.sqrt(hidden);
      inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 4 * hidden, hidden));
      hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 4 * hidden, hidden));
      bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 4 * hidden));
    }

    @Override
    public Variable prepare(Variable input) {
      Tape tape = input.tape();
      return input.linear(tape.watch(inputWeight), tape.watch(bias));
    }

    @Override
    public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
      Variable weight = prepared.tape().watch(hiddenWeight);
      List<Variable> gates = prepared.plus(state.h().linear(weight)).split(1, 4); // 4 x [batch, hidden]
      Variable i = gates.get(0).sigmoid();
      Variable f = gates.get(1).sigmoid();
      Variable g = gates.get(2).tanh();
      Variable o = gates.get(3).sigmoid();
      Variable c = f.times(state.c()).plus(i.times(g));
      Variable h = o.times(c.tanh());
      return new Step<>(h, new LstmState(h, c));
    }
  }
}

package dev.rewind.benchmarks;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.IndRnnCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.LruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MLstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MogrifierLstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.QrnnCell;
import dev.rewind.nn.cells.RewiredLstmCell;
import dev.rewind.nn.cells.SLstmCell;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.train.Mean;
import dev.rewind.nn.train.Trainer;
import dev.rewind.nn.wrappers.LearnedStateCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Which cells learn the classic tasks, all with the same settings? One layer and a [Linear] on top are trained by
/// [Adam] until they solve the task on sequences that were held out, or for as many iterations as it has. Prints a
/// table for each task, a row for each cell: the iterations that each seed took, and the measure then. It prints the
/// same on every run.
///
/// The first argument is [Task]s by commas, the second [Kind]s of cells, the third seeds; `all`, or none, is all of
/// them, and the seeds 1 to 3.
public final class TaskReport {
  private static final int BATCH = 32;
  private static final int HELD_OUT = 10; // batches
  private static final int EVERY = 100; // iterations between two measurements

  private TaskReport() {}

  /// Inputs `[B, T, F]`, and what is wanted at the last K steps: numbers `[B, K, 1]`, or INT32 classes `[B, K]`.
  record Batch(Tensor inputs, Tensor targets) {
    boolean isOfClasses() {
      return targets.dtype() == DType.INT32;
    }
  }

  /// How a task is trained.
  ///
  /// @param steps T
  /// @param hidden H
  /// @param rate the learning rate
  /// @param limit iterations at most
  record Setting(int steps, int hidden, double rate, int limit) {}

  /// A task.
  enum Task {
    /// Two of T numbers in `[0, 1)` are marked, one in each half; their sum is wanted after the last (Hochreiter and
    /// Schmidhuber 1997, in the form of Arjovsky et al. 2016).
    ADDING(2, 1, 1, new Setting(200, 32, 1e-2, 3_000)) {
      @Override
      Batch draw(Rng rng, int steps) {
        Tensor numbers = Tensor.uniform(rng, DType.FLOAT32, 0, 1, BATCH, steps);
        Tensor marks = Tensor.zeros(DType.FLOAT32, BATCH, steps);
        for (int b = 0; b < BATCH; b++) {
          marks.select(0, b).select(0, rng.nextInt(steps / 2)).fill(1);
          marks.select(0, b).select(0, steps / 2 + rng.nextInt(steps / 2)).fill(1);
        }
        return new Batch(Tensor.stack(2, List.of(numbers, marks)), numbers.times(marks).sum(1).reshape(BATCH, 1, 1));
      }
    },
    /// Ten symbols of eight are wanted again after T - 20 blanks, of which the last is another symbol (Arjovsky et al.
    /// 2016, after Hochreiter and Schmidhuber 1997).
    COPYING(10, 8, 1, new Setting(120, 64, 1e-2, 6_000)) {
      @Override
      Batch draw(Rng rng, int steps) {
        Tensor symbols = Tensor.integers(rng, 8, BATCH, 10);
        Tensor ids = Tensor.full(DType.INT32, 8, BATCH, steps);
        ids.slice(1, 0, 10).assign(symbols);
        ids.slice(1, steps - 11, steps - 10).fill(9);
        return new Batch(Tensor.eye(DType.FLOAT32, 10).gather(ids, 0), symbols);
      }
    },
    /// Whether the number of ones so far is odd, at every step; held out are sequences twice as long.
    PARITY(2, 2, 2, new Setting(40, 32, 1e-2, 3_000)) {
      @Override
      Batch draw(Rng rng, int steps) {
        Tensor bits = Tensor.integers(rng, 2, BATCH, steps);
        Tensor half = bits.to(DType.FLOAT32).cumsum(1).times(0.5);
        return new Batch(
            Tensor.eye(DType.FLOAT32, 2).gather(bits, 0), half.minus(half.floor()).times(2).to(DType.INT32));
      }
    };

    private final int inputs;
    private final int outputs;
    private final int stretch; // how many times as long the sequences are that are held out
    final Setting setting;

    Task(int inputs, int outputs, int stretch, Setting setting) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.stretch = stretch;
      this.setting = setting;
    }

    /// The same for the same state of the rng.
    abstract Batch draw(Rng rng, int steps);

    private Dataset<Batch> batches(Rng rng, int steps, int count) {
      return Dataset.of(count, i -> draw(rng.split(i), steps));
    }
  }

  /// The cells, one a line, with the blocks of their biases.
  enum Kind {
    LSTM(LstmCell::new, "bias", -1, 1, 0, 0), // i f g o
    LSTM_FORGET_1((inputs, hidden, rng) -> new LstmCell(inputs, hidden, 1, rng), ""), // as usual
    PEEPHOLE(PeepholeLstmCell::new, "bias", -1, 1, 0, 0), // i f g o
    CIFG(CifgLstmCell::new, "bias", -1, 0, 0), // i g o
    LAYERNORM(LayerNormLstmCell::new, "bias", -1, 1, 0, 0), // i f g o
    MOGRIFIER(MogrifierLstmCell::new, "bias", -1, 1, 0, 0), // i f g o
    REWIRED(RewiredLstmCell::new, "forget.bias", 1), //
    LEARNED((inputs, hidden, rng) -> new LearnedStateCell<>(new LstmCell(inputs, hidden, rng)), //
        "cell.bias", -1, 1, 0, 0), // i f g o
    SLSTM(SLstmCell::new, "bias", -1, 1, 0, 0), // i f z o
    MLSTM((inputs, hidden, rng) -> new MLstmCell(inputs, hidden, 4, rng), ""), //
    GRU(GruCell::new, "bias_ih", 0, 1, 0), // r z n
    MINLSTM(MinLstmCell::new, "bias", -1, 1, 0), // i f g
    MINGRU(MinGruCell::new, "bias", -1, 0), // z n
    QRNN(QrnnCell::new, "input.bias", 0, 1, 0), // z f o
    INDRNN(IndRnnCell::new, ""), //
    INDRNN_TWICE((inputs, hidden, rng) -> new IndRnnCell(inputs, hidden, rng.split(1))
        .then(new IndRnnCell(hidden, hidden, rng.split(2))), ""), // two layers
    LRU((inputs, hidden, rng) -> new LruCell(inputs, hidden, hidden, rng), ""), //
    LRU_ABOVE((inputs, hidden, rng) -> new IndRnnCell(inputs, hidden, rng.split(1))
        .then(new LruCell(hidden, hidden, hidden, 0.9, 1, 0.3, rng.split(2))), ""); // of what is not linear

    /// Makes a cell.
    private interface Maker {
      Cell<?> make(int inputs, int hidden, Rng rng);
    }

    private final Maker maker;
    private final String bias;
    private final int[] signs;

    /// @param bias its name in the cell
    /// @param signs of each of its blocks: 1 for a gate that keeps the state, -1 for one that lets the input in; none
    ///     to leave it as the cell draws it
    Kind(Maker maker, String bias, int... signs) {
      this.maker = maker;
      this.bias = bias;
      this.signs = signs;
    }

    /// The biases of its gates are `sign * log(uniform(1, T))`, so that units remember for 1 to T steps from the start
    /// (Tallec and Ollivier 2018).
    private Tensor biases(Rng rng, Setting setting) {
      Tensor spans = Tensor.uniform(rng, DType.FLOAT32, 1, setting.steps, setting.hidden).log();
      return Tensor.concat(0, Arrays.stream(signs).mapToObj(spans::times).toList());
    }
  }

  /// A cell, with a linear layer on its last outputs.
  private static final class Model<S extends State<S>> extends Block {
    private final Cell<S> cell;
    private final Linear linear;

    Model(Cell<S> cell, int outputs, Rng rng) {
      this.cell = childIfBlock("cell", cell);
      this.linear = child("linear", new Linear(cell.outputSize(), outputs, rng));
    }

    Variable forward(Tape tape, Batch batch) {
      Variable all = Recurrence.scan(cell, tape.constant(batch.inputs)).outputs(); // [B, T, H]
      return linear.forward(all.slice(1, all.size(1) - batch.targets.size(1), all.size(1))); // [B, K, outputs]
    }

    Variable loss(Tape tape, Batch batch) {
      Variable given = forward(tape, batch);
      return batch.isOfClasses() ? Losses.crossEntropy(given, batch.targets)
          : Losses.meanSquaredError(given, batch.targets);
    }
  }

  /// What came of a training.
  ///
  /// @param iterations done
  /// @param measure on what was held out: the mean squared error, or which part of the symbols is right
  /// @param solved whether it is below 0.01, or above 0.99
  record Result(int iterations, double measure, boolean solved) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, solved ? "%,d (%.4f)" : "not in %,d (%.4f)", iterations, measure);
    }
  }

  /// Trains until the task is solved or the limit reached.
  static Result run(Task task, Setting setting, Kind kind, int seed) {
    Rng rng = Rng.of(seed);
    Model<?> model = new Model<>(kind.maker.make(task.inputs, setting.hidden, rng.split("cell")), task.outputs,
        rng.split("linear"));
    if (kind.signs.length > 0) {
      model.initialize("cell." + kind.bias, rng, (draws, shape) -> kind.biases(draws, setting));
    }
    Dataset<Batch> heldOut = task.batches(Rng.of(0), setting.steps * task.stretch, HELD_OUT);
    Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), setting.rate),
        epoch -> task.batches(rng.split(epoch), setting.steps, EVERY), model::loss).clip(1);
    boolean classes = heldOut.getFirst().isOfClasses();
    Result result;
    do {
      do {
        trainer.step();
      } while (!trainer.isEpochDone());
      double measure = classes ? Mean.over(heldOut,
          (tape, batch) -> model.forward(tape, batch).value().argmax(-1).equalTo(batch.targets))
          : trainer.evaluate(heldOut, batch -> BATCH);
      result = new Result(trainer.iteration(), measure, classes ? measure > 0.99 : measure < 0.01);
    } while (!result.solved && trainer.iteration() < setting.limit);
    return result;
  }

  /// Runs and prints.
  public static void main(String[] arguments) {
    for (Task task : chosen(arguments, 0, (Object[]) Task.values()).stream().map(Task::valueOf).toList()) {
      List<String> seeds = chosen(arguments, 2, 1, 2, 3);
      System.out.printf(Locale.ROOT, "%n%s, %s%n%n| kind | cell | parameters | seed %s |%n|---|---|---%s|%n", task,
          task.setting,
          String.join(" | seed ", seeds), "|---".repeat(seeds.size()));
      for (Kind kind : chosen(arguments, 1, (Object[]) Kind.values()).stream().map(Kind::valueOf).toList()) {
        Cell<?> cell = kind.maker.make(task.inputs, task.setting.hidden, Rng.of(1));
        System.out.printf(Locale.ROOT, "| %s | `%s` | %,d |", kind, cell.getClass().getSimpleName(),
            ((Block) cell).parameterCount());
        seeds.forEach(seed -> System.out.print(" " + run(task, task.setting, kind, Integer.parseInt(seed)) + " |"));
        System.out.println();
      }
    }
  }

  private static List<String> chosen(String[] arguments, int at, Object... all) {
    return arguments.length <= at || arguments[at].equals("all")
        ? Arrays.stream(all).map(Object::toString).toList() : List.of(arguments[at].split(","));
  }
}

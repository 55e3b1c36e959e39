package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.GruDCell;
import dev.rewind.nn.cells.LayerNormGruCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.MogrifierLstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.cells.SLstmCell;
import dev.rewind.nn.cells.VariationalStateCell;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What does each cell cost? Forwards and backwards over T steps of B sequences, H = 128 inputs and outputs; a time is
/// that of all of it. [CellReport] runs this and prints the times of one element of one output, of which there are T *
/// B * H.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx3g"})
@Warmup(iterations = 5, time = 1) // what is recorded step by step takes that long to be compiled
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class CellBenchmark {
  /// Inputs and outputs of a cell.
  static final int HIDDEN = 128;

  /// The kinds of cells, each with its usual sizes.
  public enum Kind {
    /// Elman's network.
    RNN,
    /// PyTorch's gated recurrent unit.
    GRU,
    /// Its first published form.
    RESET_BEFORE,
    /// With layer normalisation.
    LAYERNORM_GRU,
    /// Minimal.
    MINGRU,
    /// Long short-term memory.
    LSTM,
    /// With peepholes.
    PEEPHOLE,
    /// With one gate for input and forgetting.
    COUPLED,
    /// Projected from twice as many units.
    PROJECTED,
    /// With layer normalisation.
    LAYERNORM,
    /// Minimal.
    MINLSTM,
    /// With an exponential input gate.
    SLSTM,
    /// Whose input and state scale each other.
    MOGRIFIER,
    /// With a mask on the state.
    VARIATIONAL_STATE,
    /// Gated, for missing values: 64 of them, 129 inputs.
    GRUD,
    /// A mixture of three candidates.
    MIXTURE;

    /// Whether a scan is more than one step after another.
    boolean hasOwnScan() {
      return switch (this) {
        case RNN, GRU, LSTM, MINGRU, MINLSTM -> true;
        default -> false;
      };
    }

    private Cell<?> make(Rng rng) {
      return switch (this) {
        case RNN -> new RnnCell(HIDDEN, HIDDEN, rng);
        case GRU -> new GruCell(HIDDEN, HIDDEN, rng);
        case RESET_BEFORE -> new ResetBeforeGruCell(HIDDEN, HIDDEN, rng);
        case LAYERNORM_GRU -> new LayerNormGruCell(HIDDEN, HIDDEN, rng);
        case MINGRU -> new MinGruCell(HIDDEN, HIDDEN, rng);
        case LSTM -> new LstmCell(HIDDEN, HIDDEN, rng);
        case PEEPHOLE -> new PeepholeLstmCell(HIDDEN, HIDDEN, rng);
        case COUPLED -> new CifgLstmCell(HIDDEN, HIDDEN, rng);
        case PROJECTED -> new ProjectedLstmCell(HIDDEN, 2 * HIDDEN, HIDDEN, rng);
        case LAYERNORM -> new LayerNormLstmCell(HIDDEN, HIDDEN, rng);
        case MINLSTM -> new MinLstmCell(HIDDEN, HIDDEN, rng);
        case SLSTM -> new SLstmCell(HIDDEN, HIDDEN, rng);
        case MOGRIFIER -> new MogrifierLstmCell(HIDDEN, HIDDEN, rng);
        case VARIATIONAL_STATE -> VariationalStateCell.of(new LstmCell(HIDDEN, HIDDEN, rng), 0.25);
        case GRUD -> new GruDCell(Init.constant(0, HIDDEN / 2), HIDDEN, rng);
        case MIXTURE -> new MixtureCell(HIDDEN, HIDDEN, 3, rng);
      };
    }
  }

  /// The cell.
  @Param
  public Kind cell;

  /// Sequences.
  @Param("32")
  public int batch;

  /// Steps of each.
  @Param("32")
  public int steps;

  private Cell<?> made;
  private Tensor inputs;
  private final TapeOptions own = TapeOptions.defaults().withRng(Rng.of(3));
  // keeps cells to their steps
  private final TapeOptions observed = own.withObserver((name, value) -> {});

  /// Makes the cell and its inputs.
  @Setup
  public void prepare() {
    made = cell.make(Rng.of(1));
    inputs = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, batch, steps, made.inputSize());
  }

  /// In its own form over the time axis, if it has one.
  @Benchmark
  public Gradients scan() {
    return pass(made, own);
  }

  /// Step by step, of recorded operations.
  @Benchmark
  public Gradients stepByStep() {
    return pass(made, observed);
  }

  private <S extends dev.rewind.nn.rnn.State<S>> Gradients pass(Cell<S> cell, TapeOptions options) {
    try (Tape tape = Tape.recording(options)) {
      Scanned<S> run = Recurrence.scan(cell, tape.watch(inputs), cell.initialState(tape, batch));
      return tape.gradients(run.outputs().sum());
    }
  }
}

package dev.rewind.benchmarks;

import dev.rewind.nn.train.Trainer;
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

/// How many characters a second does the char-RNN train on? One step reads B texts of T symbols, goes back through
/// them, clips and updates; the text is random, of 65 symbols, which costs the same as a real one.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = {
    // as the launcher has it
    "--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC", "-Xmn112m", "-XX:SurvivorRatio=2"})
@Warmup(iterations = 100)
@Measurement(iterations = 100)
public class TrainingBenchmark {
  private static final int SYMBOLS = 65;

  /// The cases of the yardstick: layers, hidden size, batch, steps.
  public enum Case {
    /// 1.62 million operations a character.
    SMALL(2, 128, 50, 50),
    /// 25.4 million operations a character.
    LARGE(2, 512, 50, 50),
    /// 1.5 million operations a character.
    TUTORIAL(3, 100, 32, 30);

    private final TrainingSizes sizes;

    Case(int layers, int hidden, int batch, int steps) {
      this.sizes = new TrainingSizes(layers, hidden, batch, steps, SYMBOLS);
    }

    /// What it stands for.
    public TrainingSizes sizes() {
      return sizes;
    }
  }

  /// The case.
  @Param({"SMALL", "TUTORIAL"})
  public Case yardstick;

  private Trainer<?> trainer;

  /// Makes model and text.
  @Setup
  public void prepare() {
    trainer = yardstick.sizes().trainer();
  }

  /// One step; B * T divided by its time is the speed.
  @Benchmark
  public double step() {
    return trainer.step().loss();
  }
}

package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What does the tape cost per small operation? A chain of additions and products of four numbers each: computed
/// without a tape, recorded, and recorded with a backward pass; the differences are the costs of recording and of that
/// pass. With `-prof gc`, the bytes of each.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx6g"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class TapeBenchmark {
  private static final int CHAIN = 1000;
  private static final int LONG_CHAIN = 1_000_000;

  private final Tensor start = Tensor.ones(DType.FLOAT32, 4);
  private final Tensor factor = Tensor.ones(DType.FLOAT32, 4).times(0.999);

  /// The operations on tensors alone.
  @Benchmark
  @OperationsPerInvocation(CHAIN)
  public Tensor tensors() {
    Tensor x = start;
    for (int i = 0; i < CHAIN; i += 2) {
      x = x.times(factor).plus(factor);
    }
    return x;
  }

  /// The same on an inference tape.
  @Benchmark
  @OperationsPerInvocation(CHAIN)
  public Variable inference() {
    try (Tape tape = Tape.inference()) {
      return chain(tape, tape.constant(start), CHAIN);
    }
  }

  /// The same, recorded.
  @Benchmark
  @OperationsPerInvocation(CHAIN)
  public Variable recording() {
    try (Tape tape = Tape.recording()) {
      return chain(tape, tape.watch(start), CHAIN);
    }
  }

  /// The same, recorded, and the backward pass.
  @Benchmark
  @OperationsPerInvocation(CHAIN)
  public Gradients backward() {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(chain(tape, tape.watch(start), CHAIN), factor);
    }
  }

  /// A million nodes, recorded, and the backward pass: none costs more than in a short chain.
  @Benchmark
  @OperationsPerInvocation(LONG_CHAIN)
  public Gradients backwardOfAMillion() {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(chain(tape, tape.watch(start), LONG_CHAIN), factor);
    }
  }

  private Variable chain(Tape tape, Variable first, int length) {
    Variable constant = tape.constant(factor);
    Variable x = first;
    for (int i = 0; i < length; i += 2) {
      x = x.times(constant).plus(constant);
    }
    return x;
  }
}

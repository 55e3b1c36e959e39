package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;

/// The chain on a tape.
final class RewindChain implements Workload {
  private final Task.Chain task;
  private final Tensor start = Tensor.ones(DType.FLOAT32, 4);
  private final Tensor factor = Tensor.full(DType.FLOAT32, 0.999, 4);

  RewindChain(Task.Chain task) {
    this.task = task;
  }

  @Override
  public double[] check() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(start);
      float[] gradient = tape.gradients(chain(tape, x, 100), start).of(x).toFloats();
      return IntStream.range(0, 4).mapToDouble(i -> gradient[i]).toArray();
    }
  }

  @Override
  public long run() {
    long begin = System.nanoTime();
    try (Tape tape = Tape.recording()) {
      Variable y = chain(tape, tape.watch(start), task.length());
      long recorded = System.nanoTime();
      tape.gradients(y, start);
      return task.backward() ? System.nanoTime() - recorded : recorded - begin;
    }
  }

  private Variable chain(Tape tape, Variable x, int length) {
    Variable constant = tape.constant(factor);
    Variable y = x;
    for (int i = 0; i < length; i += 2) {
      y = y.times(constant).plus(constant);
    }
    return y;
  }
}

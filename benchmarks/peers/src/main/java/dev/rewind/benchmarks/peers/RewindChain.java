package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.benchmarks.peers.TapeComparison.Side;
import dev.rewind.benchmarks.peers.TapeComparison.Times;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// The chain on a tape.
final class RewindChain implements Side {
  private final Tensor start = Tensor.ones(DType.FLOAT32, 4);
  private final Tensor factor = Tensor.ones(DType.FLOAT32, 4).times(0.999);

  @Override
  public Times run(int length) {
    long begin = System.nanoTime();
    try (Tape tape = Tape.recording()) {
      Variable y = chain(tape, tape.watch(start), length);
      long recorded = System.nanoTime();
      tape.gradients(y, start);
      return Times.of(begin, recorded, System.nanoTime(), length);
    }
  }

  @Override
  public float[] gradient(int length) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(start);
      return tape.gradients(chain(tape, x, length), start).of(x).toFloats();
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

package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// A decoder of any model, on an inference tape.
final class ModelDecoder<S extends State<S>> implements Decoder {
  private final Model<S> model;
  private final Tape tape;
  private S state;

  ModelDecoder(Model<S> model, S state) {
    this.model = model;
    this.tape = state.leaves().getFirst().tape();
    this.state = state;
    if (tape.isRecording()) {
      throw new IllegalArgumentException("decoder: the state is on a tape that records; take one of Tape.inference()");
    }
    requireOpen();
  }

  private void requireOpen() {
    if (!tape.isInference()) {
      throw new IllegalStateException(
          "decoder: the tape of the state is closed or consumed; keep one of Tape.inference() open until the last "
              + "step");
    }
  }

  @Override
  public int rows() {
    return state.leaves().getFirst().size(0);
  }

  @Override
  public float[] step(int[] symbols) {
    if (symbols.length != rows()) {
      throw new IllegalArgumentException("step: " + symbols.length + " symbols for " + rows() + " sequences");
    }
    requireOpen();
    Step<S> step = model.step(tape.constant(Tensor.of(symbols, symbols.length)), state);
    Tensor logits = step.output().value();
    if (logits.rank() != 2 || logits.size(0) != symbols.length) {
      throw new ShapeException("decoder: the model must return logits [" + symbols.length + ", symbols], not "
          + logits.shape());
    }
    state = step.state();
    return logits.toFloats();
  }

  @Override
  public void select(int[] rows) {
    requireOpen();
    Tensor indices = Tensor.of(rows, rows.length);
    state = state.map(leaf -> leaf.gather(indices, 0));
  }
}

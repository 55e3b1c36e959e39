package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
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
    if (!tape.isInference()) {
      throw new IllegalArgumentException("decoder: the state is on a tape that records; take one of Tape.inference()");
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
    Step<S> step = model.step(tape.constant(Tensor.of(symbols, symbols.length)), state);
    state = step.state();
    return step.output().value().toFloats();
  }

  @Override
  public void select(int[] rows) {
    Tensor indices = Tensor.of(rows, rows.length);
    state = state.map(leaf -> leaf.gather(indices, 0));
  }
}

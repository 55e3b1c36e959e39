package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Layer;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// A layer on top of the cells of a session, as a cell that carries nothing.
final class HeadCell extends RecurrentCell<HeadCell.Nothing> {
  private final Layer head;

  HeadCell(Layer head, int inputSize) {
    super(inputSize, outputSize(head, inputSize), (_, _, _) -> new Nothing());
    this.head = head;
    if (head instanceof Block block) {
      child("head", block);
    }
  }

  private static int outputSize(Layer head, int inputSize) {
    try (Tape tape = Tape.inference()) {
      return head.forward(tape.constant(Tensor.zeros(DType.FLOAT32, 1, inputSize))).size(1);
    }
  }

  record Nothing() implements State<Nothing> {
    @Override
    public Parts<Nothing> parts() {
      return new Parts<>(List.of(), List.of(), _ -> this);
    }
  }

  @Override
  public Step<Nothing> stepPrepared(Variable x, Nothing state) {
    return new Step<>(head.forward(x), state);
  }
}

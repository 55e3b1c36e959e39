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
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
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

  /// Tries the head on two rows that differ, together and the first of them alone.
  private static int outputSize(Layer head, int inputSize) {
    try (Tape tape = Tape.inference()) {
      Tensor rows = Tensor.arange(2 * inputSize).to(DType.FLOAT32).divide(2 * inputSize).reshape(2, inputSize);
      Tensor both = head.forward(tape.constant(rows)).value();
      if (both.rank() != 2 || both.size(0) != 2) {
        throw new ShapeException("sessions: the head must turn " + rows.shape() + " into [2, outputs], not "
            + both.shape());
      }
      Tensor alone = head.forward(tape.constant(rows.slice(0, 0, 1))).value();
      if (!alone.shape().equals(Shape.of(1, both.size(1))) || !alone.allClose(both.slice(0, 0, 1), 1e-3, 1e-3)) {
        throw new IllegalArgumentException("sessions: what the head makes of a row depends on the other rows of the "
            + "batch, but sessions step with any others; use a head that takes each row on its own");
      }
      return both.size(1);
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

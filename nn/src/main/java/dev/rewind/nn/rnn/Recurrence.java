package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;

/// Runs cells over time.
public final class Recurrence {
  private Recurrence() {}

  /// A cell over a list of steps. What the cell can prepare for all steps at once is done so.
  ///
  /// @param inputs one for each step, `[batch, inputs]` each
  /// @throws ShapeException if an input has another size than the cell reads
  public static <S extends State<S>> Unrolled<S> unroll(Cell<S> cell, List<Variable> inputs, S state) {
    if (inputs.isEmpty()) {
      return new Unrolled<>(List.of(), state);
    }
    for (Variable input : inputs) {
      if (input.rank() != 2 || input.size(1) != cell.inputSize()) {
        throw new ShapeException("unroll: wants inputs [batch, " + cell.inputSize() + "], not " + input.shape());
      }
    }
    int batch = inputs.getFirst().size(0);
    Variable prepared = cell.prepare(Variable.concat(0, inputs)); // [steps * batch, prepared], step by step
    List<Variable> outputs = new ArrayList<>(inputs.size());
    S current = state;
    for (Variable part : prepared.split(0, inputs.size())) {
      if (part.size(0) != batch) {
        throw new ShapeException("unroll: inputs of different batch sizes");
      }
      Step<S> step = cell.step(part, current);
      outputs.add(step.output());
      current = step.state();
    }
    return new Unrolled<>(List.copyOf(outputs), current);
  }

  /// A cell over the time axis; the fastest form that the cell has.
  ///
  /// @param inputs `[batch, time, inputs]`, at least one step
  /// @throws ShapeException if the inputs have another shape
  public static <S extends State<S>> Scanned<S> scan(Cell<S> cell, Variable inputs, S state) {
    if (inputs.rank() != 3 || inputs.size(1) == 0 || inputs.size(2) != cell.inputSize()) {
      throw new ShapeException(
          "scan: wants inputs [batch, time >= 1, " + cell.inputSize() + "], not " + inputs.shape());
    }
    return cell.scan(inputs, state);
  }
}

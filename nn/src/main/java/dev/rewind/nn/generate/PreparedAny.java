package dev.rewind.nn.generate;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.fused.CellRun;
import dev.rewind.nn.fused.PreparedCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Any cell, whose own step runs on an inference tape. Each session has a tape, on which stays what all steps share,
/// such as a transposed weight.
///
/// @param <S> the state of the cell
final class PreparedAny<S extends State<S>> implements PreparedCell {
  private final Cell<S> cell;
  private final Map<Param, Tensor> weights = new LinkedHashMap<>(); // copies: later updates are not seen

  PreparedAny(Cell<S> cell) {
    this.cell = cell;
    if (cell instanceof Block module) {
      module.parameters().forEach(parameter -> weights.put(parameter, parameter.value().copy()));
    }
  }

  @Override
  public CellRun run(int rows) {
    Tape tape = Tape.inference();
    weights.forEach((parameter, value) -> tape.bind(parameter, tape.constant(value)));
    Variable nothing = tape.constant(Tensor.zeros(DType.FLOAT32, 1, cell.inputSize()));
    return new Run(tape, rows, cell.prepare(nothing).size(1), cell.initialState(tape, rows));
  }

  private final class Run extends CellRun {
    private final Tape tape;
    private final int width; // of a prepared row
    private final S first;

    Run(Tape tape, int rows, int width, S first) {
      super(new float[rows * width],
          first.leaves().stream().map(leaf -> leaf.value().toFloats()).toArray(float[][]::new),
          first.leaves().stream().map(leaf -> leaf.shape().sizes()).toArray(int[][]::new),
          new float[rows * cell.outputSize()]);
      this.tape = tape;
      this.width = width;
      this.first = first;
    }

    @Override
    public void prepare(float[] inputs, int rows) {
      write(cell.prepare(variable(inputs, rows, cell.inputSize())).value(), prepared);
    }

    @Override
    public void step(int rows) {
      List<Variable> before = IntStream.range(0, leaves.length).mapToObj(k -> {
        int[] some = sizes[k].clone();
        some[0] = rows;
        return variable(leaves[k], some);
      }).toList();
      Step<S> step = cell.stepPrepared(variable(prepared, rows, width), first.withLeaves(before));
      write(step.output().value(), output);
      for (int k = 0; k < leaves.length; k++) {
        put(k, step.state().leaves().get(k).value());
      }
    }

    private Variable variable(float[] values, int... sizes) {
      int elements = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
      return tape.constant(Tensor.wrap(Arrays.copyOf(values, elements), sizes));
    }

    private static void write(Tensor value, float[] target) {
      System.arraycopy(value.toFloats(), 0, target, 0, value.elements());
    }
  }
}

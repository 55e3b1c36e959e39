package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Batches of sequences of different lengths: each begins at time 0, what follows its end is padding. No sorting, no
/// packing.
public final class Lengths {
  private Lengths() {}

  /// Where there is a sequence and not padding: BOOL `[batch, time]`, for losses.
  ///
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  public static Tensor mask(int[] lengths, int time) {
    boolean[] real = new boolean[lengths.length * time];
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 0 || lengths[b] > time) {
        throw new IllegalArgumentException(
            "lengths: sequence " + b + " has length " + lengths[b] + ", not one of 0 to " + time);
      }
      Arrays.fill(real, b * time, b * time + lengths[b], true);
    }
    return Tensor.wrap(real, lengths.length, time);
  }

  /// A cell over the time axis of sequences of different lengths. After its end a sequence's outputs are zeros and its
  /// state stays what it was. Padding does not matter: it may be NaN, and its gradient is zero.
  ///
  /// @param inputs `[batch, time, inputs]`
  /// @param lengths of each sequence, `[batch]`
  /// @throws ShapeException if the inputs are of another rank or size, or there are more or fewer lengths
  public static <S extends State<S>> Scanned<S> scan(Cell<S> cell, Variable inputs, S state, int[] lengths) {
    if (inputs.rank() != 3 || inputs.size(2) != cell.inputSize() || lengths.length != inputs.size(0)) {
      throw new ShapeException("scan: wants inputs [batch, time, " + cell.inputSize() + "] and as many lengths, not "
          + inputs.shape() + " and " + lengths.length);
    }
    int batch = inputs.size(0);
    int time = inputs.size(1);
    Tensor mask = mask(lengths, time); // [batch, time]
    Variable zero = inputs.tape().constant(Tensor.zeros(inputs.dtype()));
    int steps = Arrays.stream(lengths).max().orElse(0);
    if (steps == 0) {
      Tensor nothing = Tensor.zeros(inputs.dtype(), batch, time, cell.outputSize());
      return new Scanned<>(inputs.tape().constant(nothing), state);
    }
    int shortest = Arrays.stream(lengths).min().orElse(0);
    Variable real = shortest == time ? inputs : Variable.where(mask.unsqueeze(2), inputs, zero);
    Variable rows = real.slice(1, 0, steps).transpose(0, 1).reshape(steps * batch, cell.inputSize()); // step by step
    List<Variable> outputs = new ArrayList<>(steps);
    S current = state;
    for (Variable part : cell.prepare(rows).split(0, steps)) {
      int t = outputs.size();
      Step<S> step = cell.step(part, current);
      if (t < shortest) {
        outputs.add(step.output());
        current = step.state();
      } else {
        Tensor going = mask.select(1, t); // [batch]
        outputs.add(Variable.where(wide(going, step.output()), step.output(), zero));
        current = step.state().zip(current, (after, before) -> Variable.where(wide(going, after), after, before));
      }
    }
    Variable stacked = Variable.stack(1, outputs); // [batch, steps, outputs]
    return new Scanned<>(steps == time ? stacked : stacked.pad(1, 0, time - steps, 0), current);
  }

  /// A mask `[batch]` as `[batch, 1, ..]` of the rank of a variable.
  private static Tensor wide(Tensor mask, Variable like) {
    int[] sizes = new int[like.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = mask.size(0);
    return mask.reshape(sizes);
  }
}

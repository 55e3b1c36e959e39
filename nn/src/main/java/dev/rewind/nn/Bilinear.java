package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import java.util.Arrays;

/// A form of pairs of vectors, `y[k] = x1' weight[k] x2 + bias[k]`, as PyTorch's layer of that name.
public final class Bilinear extends Block {
  private final Param weight; // [outputs, first, second]
  private final Param bias; // [outputs]

  /// Weights and biases uniform within `1 / sqrt(first)`, as PyTorch draws them.
  ///
  /// @param first the size of the first vectors
  /// @param second that of the second ones
  /// @throws IllegalArgumentException if one of them is less than 1
  public Bilinear(int first, int second, int outputs, Rng rng) {
    if (first < 1 || second < 1 || outputs < 1) {
      throw new IllegalArgumentException("bilinear: vectors must have at least 1 element, not " + first + ", " + second
          + " and " + outputs);
    }
    double limit = 1 / Math.sqrt(first);
    this.weight = parameter("weight", Init.uniform(rng.split("weight"), limit, outputs, first, second));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, outputs));
  }

  /// `[.., first]` and `[.., second]` to `[.., outputs]`.
  ///
  /// @throws ShapeException if a last axis has another size, or the others differ
  /// @throws dev.rewind.tensor.DTypeException if a dtype is not that of the weights on the tape
  public Variable forward(Variable x1, Variable x2) {
    Tape tape = x1.tape();
    Variable forms = tape.watch(weight);
    int outputs = forms.size(0);
    int first = forms.size(1);
    int second = forms.size(2);
    Inputs.require("bilinear: the first", x1, first, forms.dtype());
    Inputs.require("bilinear: the second", x2, second, forms.dtype());
    int[] sizes = Arrays.copyOf(x1.shape().sizes(), x1.rank() + 1); // [.., outputs, first]
    sizes[x1.rank() - 1] = outputs;
    sizes[x1.rank()] = first;
    if (x2.rank() != x1.rank() || !Arrays.equals(sizes, 0, x1.rank() - 1, x2.shape().sizes(), 0, x1.rank() - 1)) {
      throw new ShapeException("bilinear: wants as many second vectors as first ones, not " + x2.shape() + " for "
          + x1.shape());
    }
    Variable half = x2.linear(forms.reshape(outputs * first, second)).reshape(sizes); // weight x2
    return Shapes.note(this, half.times(x1.unsqueeze(-2)).sum(-1).plus(tape.watch(bias)));
  }
}

package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Convolution over time, `[B, T, F]` to `[B, T', H]`: the output at a step is a linear function of some steps of the
/// input, with the same weights everywhere. Weights have the layout of PyTorch's `Conv1d`, which has time last.
///
/// ```
/// y(t) = bias + sum over k of weight(.., k) x(t * stride + k * dilation - padding), zeros beyond the ends
/// T' = (T + padding before and after - dilation * (width - 1) - 1) / stride + 1, rounded down
/// ```
public final class Conv1d extends Block implements Layer {
  private final int width;
  private final Options options;
  private final Param weight; // [H, F, K]
  private final Param bias; // [H]

  /// How steps are taken.
  ///
  /// @param stride how many steps of the input lie between two of the output, at least 1
  /// @param dilation how many steps of the input lie between two that are read together, at least 1
  /// @param before how many zeros come before the first step
  /// @param after how many zeros come after the last step
  public record Options(int stride, int dilation, int before, int after) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if one is out of range
    public Options {
      if (stride < 1 || dilation < 1 || before < 0 || after < 0) {
        throw new IllegalArgumentException(
            "convolution: stride and dilation must be at least 1, padding at least 0, not "
                + stride + ", " + dilation + ", " + before + " and " + after);
      }
    }

    /// Every step, neighbours, no padding.
    public static Options defaults() {
      return new Options(1, 1, 0, 0);
    }

    /// These options with another stride.
    public Options withStride(int value) {
      return new Options(value, dilation, before, after);
    }

    /// These options with as many zeros on both sides.
    public Options withPadding(int value) {
      return new Options(stride, dilation, value, value);
    }

    /// A convolution of that width whose output has seen no later step, and is as long as the input (van den Oord et
    /// al. 2016).
    public static Options causal(int width, int dilation) {
      return new Options(1, dilation, dilation * (width - 1), 0);
    }
  }

  /// Weights and biases uniform within `1 / sqrt(inputs * width)`, as PyTorch draws them.
  ///
  /// @param width K, how many steps are read together
  /// @throws IllegalArgumentException if a size is less than 1
  public Conv1d(int inputs, int outputs, int width, Options options, Rng rng) {
    if (inputs < 1 || outputs < 1 || width < 1) {
      throw new IllegalArgumentException(
          "convolution: inputs, outputs and width must be at least 1, not " + inputs + ", "
              + outputs + " and " + width);
    }
    double limit = 1 / Math.sqrt((double) inputs * width);
    this.width = width;
    this.options = options;
    this.weight = parameter("weight", Init.uniform(rng.split("weight"), limit, outputs, inputs, width));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, outputs));
  }

  /// How many steps come of that many; what becomes of a length, too. 0 if there are too few for one.
  public int steps(int time) {
    int starts = time + options.before + options.after - options.dilation * (width - 1) - 1;
    return starts < 0 ? 0 : starts / options.stride + 1;
  }

  /// `[B, T, F]` to `[B, T', H]`. Padding of sequences is read as it is: zeros, if it came from a driver.
  ///
  /// @throws ShapeException if the input has another shape
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the weights on the tape
  @Override
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    Variable w = tape.watch(weight);
    if (x.rank() != 3) {
      throw new ShapeException("convolution: wants [batch, time, " + w.size(1) + "], not " + x.shape());
    }
    Inputs.require("convolution", x, w.size(1), w.dtype());
    int steps = steps(x.size(1));
    int[] read = new int[steps * width]; // of each output step, the input steps, one after another
    for (int i = 0; i < read.length; i++) {
      read[i] = i / width * options.stride + i % width * options.dilation;
    }
    Variable padded = x.pad(1, options.before, options.after, 0);
    Variable windows = padded.gather(Tensor.of(read, read.length), 1).reshape(x.size(0), steps, width * w.size(1));
    Variable matrix = w.transpose(1, 2).reshape(w.size(0), width * w.size(1)); // [H, K * F]
    return Shapes.note(this, windows.linear(matrix, tape.watch(bias)));
  }
}

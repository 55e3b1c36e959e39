package dev.rewind.nn.data;

import dev.rewind.nn.rnn.Lengths;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// A batch of examples, padded to the longest. In shapes, B is the number of examples, T the length of the longest
/// input, U the length of the longest target.
///
/// ```java
/// Batch batch = Batch.of(examples);
/// Variable logits = model.forward(tape.constant(batch.inputs()), batch.lengths());
/// Variable loss = Losses.crossEntropy(logits, batch.targets(), batch.mask());
/// ```
///
/// @param inputs `[B, T]` or `[B, T, F]`
/// @param lengths of the inputs without padding, `[B]`, for drivers that take lengths
/// @param targets `[B]` if those of the examples are `[]`, otherwise `[B, U, ..]`, as `[B, 1]` of targets `[1]`
/// @param targetLengths of the targets without padding, `[B]`; 1 for a target `[]`
public record Batch(Tensor inputs, int[] lengths, Tensor targets, int[] targetLengths) {
  /// Examples padded the way most models need it: inputs with 0; INT32 targets with -1, which is not a class, so that a
  /// loss without the mask refuses it; other targets with 0. If the model also reads targets, as a decoder does, choose
  /// a symbol by [#of(List, double, double)].
  ///
  /// @param examples at least one; they may differ in length, but not otherwise in shape or dtype
  /// @throws IllegalArgumentException if there are none
  /// @throws ShapeException naming the first example that does not match the ones before it
  public static Batch of(List<Example> examples) {
    boolean classes = !examples.isEmpty() && examples.getFirst().target().dtype() == DType.INT32;
    return of(examples, 0, classes ? -1 : 0);
  }

  /// Examples padded with other numbers, otherwise as [#of(List)]. There is always at least one step, so that a batch
  /// of empty sequences can be read.
  ///
  /// @param input what follows the end of an input
  /// @param target what follows the end of a target
  public static Batch of(List<Example> examples, double input, double target) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("batch: there are no examples");
    }
    List<Tensor> inputs = examples.stream().map(Example::input).toList();
    List<Tensor> targets = examples.stream().map(Example::target).toList();
    if (inputs.getFirst().rank() == 0) {
      throw new ShapeException("batch: an input has a time axis, [T, ..]; that of example 0 is []");
    }
    return new Batch(padded("input", inputs, input), lengths(inputs), padded("target", targets, target),
        lengths(targets));
  }

  /// True for the real steps of an input, false for padding: BOOL `[B, T]`, for losses with a target for each step.
  public Tensor mask() {
    return Lengths.mask(lengths, inputs.size(1));
  }

  /// True for the real steps of a target, false for padding: BOOL `[B, U]`, for losses against sequences of another
  /// length.
  ///
  /// @throws IllegalArgumentException if the targets are `[B]`
  public Tensor targetMask() {
    if (targets.rank() < 2) {
      throw new IllegalArgumentException("batch: targets " + targets.shape() + " have no steps, so there is no mask");
    }
    return Lengths.mask(targetLengths, targets.size(1));
  }

  /// B, the number of examples.
  public int size() {
    return lengths.length;
  }

  /// The number of steps of all inputs, without padding.
  public long steps() {
    return Arrays.stream(lengths).asLongStream().sum();
  }

  private static int[] lengths(List<Tensor> tensors) {
    return tensors.stream().mapToInt(x -> x.rank() == 0 ? 1 : x.size(0)).toArray();
  }

  /// `[B]` of scalars, `[B, T, ..]` of `[T, ..]`.
  private static Tensor padded(String what, List<Tensor> tensors, double value) {
    Tensor first = tensors.getFirst();
    Function<Tensor, List<Object>> kind = x -> List.of(x.dtype(), x.rank(), x.rank() == 0 ? x.shape() : elements(x));
    for (int b = 1; b < tensors.size(); b++) {
      Tensor other = tensors.get(b);
      if (!kind.apply(other).equals(kind.apply(first))) {
        throw new ShapeException("batch: the " + what + " of example " + b + " is " + other.dtype() + " "
            + other.shape() + ", that of example 0 " + first.dtype() + " " + first.shape()
            + "; only the lengths may differ");
      }
    }
    if (first.rank() == 0) {
      return Tensor.stack(0, tensors);
    }
    int longest = Math.max(1, Arrays.stream(lengths(tensors)).max().orElseThrow());
    return Tensor.stack(0, tensors.stream()
        .map(x -> x.size(0) == longest ? x : x.pad(0, 0, longest - x.size(0), value)).toList());
  }

  /// The shape of one step.
  private static Shape elements(Tensor x) {
    return Shape.of(Arrays.copyOfRange(x.shape().sizes(), 1, x.rank()));
  }

  /// The shapes.
  @Override
  public String toString() {
    return "Batch[inputs " + inputs.shape() + " of lengths " + Arrays.toString(lengths) + ", targets "
        + targets.shape() + " of lengths " + Arrays.toString(targetLengths) + "]";
  }
}

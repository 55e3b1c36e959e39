package dev.rewind.nn.data;

import dev.rewind.tensor.Tensor;

/// One sequence and the right answer for it.
///
/// @param input symbols, INT32 `[T]`, or vectors, `[T, F]`
/// @param target one for the whole sequence, `[]` or `[1]`; one for each step, `[T, ..]`; or a sequence of another
///     length, `[U, ..]`
public record Example(Tensor input, Tensor target) {
  /// Symbols with a class for each one, as in tagging, or with a sequence of another length, as in translation.
  public static Example of(int[] symbols, int[] targets) {
    return new Example(Tensor.of(symbols, symbols.length), Tensor.of(targets, targets.length));
  }

  /// Symbols with one class for all of them.
  public static Example of(int[] symbols, int target) {
    return new Example(Tensor.of(symbols, symbols.length), Tensor.scalar(target));
  }

  /// T, the number of steps.
  public int length() {
    return input.size(0);
  }
}

package dev.rewind.nn.data;

import dev.rewind.tensor.Tensor;

/// One sequence and what it is to lead to.
///
/// @param input what is read: symbols, INT32 `[T]`, or vectors, `[T, F]`
/// @param target what is to come of it: one for the whole, `[]` or `[1]`; one for each step, `[T, ..]`; or a sequence
///     of another length, `[U, ..]`
public record Example(Tensor input, Tensor target) {
  /// Symbols with a class for each, as in tagging, or with symbols of another number, as in translation.
  public static Example of(int[] symbols, int[] targets) {
    return new Example(Tensor.of(symbols, symbols.length), Tensor.of(targets, targets.length));
  }

  /// Symbols with one class for all of them.
  public static Example of(int[] symbols, int target) {
    return new Example(Tensor.of(symbols, symbols.length), Tensor.scalar(target));
  }

  /// T, how many steps there are to read.
  public int length() {
    return input.size(0);
  }
}

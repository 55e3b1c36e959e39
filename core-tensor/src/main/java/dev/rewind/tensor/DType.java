package dev.rewind.tensor;

/// The type of a tensor's elements.
public enum DType {
  /// IEEE 754 single precision, stored in a `float[]`.
  FLOAT32(4),
  /// IEEE 754 double precision, stored in a `double[]`.
  FLOAT64(8),
  /// Signed 32-bit integers, stored in an `int[]`: indices, symbol ids, labels.
  INT32(4),
  /// Truth values, stored in a `boolean[]`: masks and comparisons.
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /// The bytes of one element.
  public int bytes() {
    return bytes;
  }

  /// Whether derivatives make sense: FLOAT32 and FLOAT64.
  public boolean isFloating() {
    return this == FLOAT32 || this == FLOAT64;
  }
}

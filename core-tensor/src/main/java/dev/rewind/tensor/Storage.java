package dev.rewind.tensor;

/// The array behind one or more tensors, and the number of its changes: all views of an array share one version.
abstract sealed class Storage {
  private final DType dtype;
  private final Object array;
  private int version;
  private boolean exposed;
  private volatile RowFusion.Claim claim;

  private Storage(DType dtype, Object array) {
    this.dtype = dtype;
    this.array = array;
  }

  /// Around an array of one of the four types.
  static Storage of(Object array) {
    return switch (array) {
      case float[] values -> new Floats(values);
      case double[] values -> new Doubles(values);
      case int[] values -> new Ints(values);
      case boolean[] values -> new Booleans(values);
      default -> throw new AssertionError(array);
    };
  }

  static Storage allocate(DType dtype, int length) {
    return switch (dtype) {
      case FLOAT32 -> new Floats(new float[length]);
      case FLOAT64 -> new Doubles(new double[length]);
      case INT32 -> new Ints(new int[length]);
      case BOOL -> new Booleans(new boolean[length]);
    };
  }

  DType dtype() {
    return dtype;
  }

  /// The array, of any dtype.
  Object array() {
    return array;
  }

  float[] floats() {
    return ((Floats) this).array;
  }

  double[] doubles() {
    return ((Doubles) this).array;
  }

  int[] ints() {
    return ((Ints) this).array;
  }

  boolean[] booleans() {
    return ((Booleans) this).array;
  }

  int version() {
    return version;
  }

  void changed() {
    version++;
  }

  /// Whether code outside this package has the array, and may change it unnoticed.
  boolean isExposed() {
    return exposed;
  }

  Storage expose() {
    exposed = true;
    return this;
  }

  /// What deferred operations do with the array; null if there never were any.
  RowFusion.Claim claim() {
    return claim;
  }

  void claim(RowFusion.Claim by) {
    claim = by;
  }

  /// This, after all deferred operations that read or write it have run.
  Storage settled() {
    if (claim != null) {
      claim.settle();
    }
    return this;
  }

  /// An element as a number, true as 1; slow.
  double number(int at) {
    return switch (this) {
      case Floats s -> s.array[at];
      case Doubles s -> s.array[at];
      case Ints s -> s.array[at];
      case Booleans s -> s.array[at] ? 1 : 0;
    };
  }

  /// Sets an element, converted as by a Java cast; what is not zero is true.
  void set(int at, double value) {
    switch (this) {
      case Floats s -> s.array[at] = (float) value;
      case Doubles s -> s.array[at] = value;
      case Ints s -> s.array[at] = (int) value;
      case Booleans s -> s.array[at] = value != 0;
    }
  }

  static final class Floats extends Storage {
    final float[] array;

    Floats(float[] array) {
      super(DType.FLOAT32, array);
      this.array = array;
    }
  }

  static final class Doubles extends Storage {
    final double[] array;

    Doubles(double[] array) {
      super(DType.FLOAT64, array);
      this.array = array;
    }
  }

  static final class Ints extends Storage {
    final int[] array;

    Ints(int[] array) {
      super(DType.INT32, array);
      this.array = array;
    }
  }

  static final class Booleans extends Storage {
    final boolean[] array;

    Booleans(boolean[] array) {
      super(DType.BOOL, array);
      this.array = array;
    }
  }
}

package dev.rewind.tensor;

/// The array behind one or more tensors, with the count of its changes: every view of an array sees the same version.
abstract sealed class Storage {
  private int version;
  private boolean exposed;
  private volatile RowFusion.Claim claim;

  /// Whether someone outside knows the array and may change it unseen.
  boolean isExposed() {
    return exposed;
  }

  Storage expose() {
    exposed = true;
    return this;
  }

  /// What operations that wait do with the array; null if none ever did.
  RowFusion.Claim claim() {
    return claim;
  }

  void claim(RowFusion.Claim by) {
    claim = by;
  }

  /// This, when all operations that waited to read or write it are done.
  Storage settled() {
    if (claim != null) {
      claim.settle();
    }
    return this;
  }

  abstract DType dtype();

  abstract int length();

  /// An element as a number, true as 1: for where speed does not matter.
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

  int version() {
    return version;
  }

  void changed() {
    version++;
  }

  static Storage allocate(DType dtype, int length) {
    return switch (dtype) {
      case FLOAT32 -> new Floats(new float[length]);
      case FLOAT64 -> new Doubles(new double[length]);
      case INT32 -> new Ints(new int[length]);
      case BOOL -> new Booleans(new boolean[length]);
    };
  }

  static final class Floats extends Storage {
    final float[] array;

    Floats(float[] array) {
      this.array = array;
    }

    @Override
    DType dtype() {
      return DType.FLOAT32;
    }

    @Override
    int length() {
      return array.length;
    }
  }

  static final class Doubles extends Storage {
    final double[] array;

    Doubles(double[] array) {
      this.array = array;
    }

    @Override
    DType dtype() {
      return DType.FLOAT64;
    }

    @Override
    int length() {
      return array.length;
    }
  }

  static final class Ints extends Storage {
    final int[] array;

    Ints(int[] array) {
      this.array = array;
    }

    @Override
    DType dtype() {
      return DType.INT32;
    }

    @Override
    int length() {
      return array.length;
    }
  }

  static final class Booleans extends Storage {
    final boolean[] array;

    Booleans(boolean[] array) {
      this.array = array;
    }

    @Override
    DType dtype() {
      return DType.BOOL;
    }

    @Override
    int length() {
      return array.length;
    }
  }
}

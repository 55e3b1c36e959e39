package dev.rewind.tensor;

/// The array behind one or more tensors, and the number of its changes: all views of an array share one version.
final class Storage {
  private final DType dtype;
  private Object array; // null once its memory was taken back
  private int version;
  private boolean exposed;
  private volatile RowFusion.Claim claim;

  private Storage(DType dtype, Object array) {
    this.dtype = dtype;
    this.array = array;
  }

  /// Around an array of one of the four types.
  static Storage of(Object array) {
    return new Storage(switch (array) {
      case float[] _ -> DType.FLOAT32;
      case double[] _ -> DType.FLOAT64;
      case int[] _ -> DType.INT32;
      case boolean[] _ -> DType.BOOL;
      default -> throw new AssertionError(array);
    }, array);
  }

  static Storage allocate(DType dtype, int length) {
    return new Storage(dtype, switch (dtype) {
      case FLOAT32 -> new float[length];
      case FLOAT64 -> new double[length];
      case INT32 -> new int[length];
      case BOOL -> new boolean[length];
    });
  }

  DType dtype() {
    return dtype;
  }

  /// The array, of any dtype.
  Object array() {
    if (array == null) {
      throw new IllegalStateException(
          "the values of this tensor are gone: its tape reuses their memory and was closed; "
              + "copy() the tensor before that");
    }
    return array;
  }

  /// Gives the array away: from now on it cannot be read here.
  float[] takeBack() {
    float[] floats = floats();
    array = null;
    return floats;
  }

  float[] floats() {
    return (float[]) array();
  }

  double[] doubles() {
    return (double[]) array;
  }

  int[] ints() {
    return (int[]) array;
  }

  boolean[] booleans() {
    return (boolean[]) array;
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
    return switch (dtype) {
      case FLOAT32 -> floats()[at];
      case FLOAT64 -> doubles()[at];
      case INT32 -> ints()[at];
      case BOOL -> booleans()[at] ? 1 : 0;
    };
  }

  /// Sets an element, converted as by a Java cast; what is not zero is true.
  void set(int at, double value) {
    switch (dtype) {
      case FLOAT32 -> floats()[at] = (float) value;
      case FLOAT64 -> doubles()[at] = value;
      case INT32 -> ints()[at] = (int) value;
      case BOOL -> booleans()[at] = value != 0;
    }
  }
}

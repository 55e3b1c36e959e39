package dev.rewind.tensor.kernel;

/// The kernels in use: one provider, chosen once, at first use. The system property `rewind.kernels` chooses
/// `scalar` or `vector`; by default it is `vector` where the module jdk.incubator.vector is present.
///
/// @param name what was chosen and why, for people
public record Kernels(String name, MapKernels maps, FoldKernels folds, MatrixKernels matrices, LstmKernels lstm,
    GruKernels gru, DrawKernels draws) {
  private static final String PROPERTY = "rewind.kernels";
  private static volatile Kernels active; // not set by a static initialiser, which would hide the message of a bad wish

  /// The provider in use.
  ///
  /// @throws IllegalArgumentException if the system property has another value
  public static Kernels active() {
    Kernels chosen = active;
    return chosen != null ? chosen : first();
  }

  private static synchronized Kernels first() {
    if (active == null) {
      active = choose(System.getProperty(PROPERTY, ""));
    }
    return active;
  }

  /// The definitions, without vectors.
  public static Kernels scalar() {
    return new Kernels("scalar", new ScalarMaps(), new ScalarFolds(), new ScalarMatrixKernels(), new ScalarLstmKernels(),
        new ScalarGruKernels(), ScalarDraws.INSTANCE);
  }

  /// The vector twins.
  public static Kernels vector() {
    boolean wide = VectorMath.SPECIES.length() > FoldKernels.LANES;   // no such machine was met; sums keep their bits there
    FoldKernels folds = wide ? new ScalarFolds() : new VectorFolds();
    return new Kernels("vector, " + 32 * VectorMath.SPECIES.length() + " bits",
        new VectorMaps(), folds, new VectorMatrixKernels(), new VectorLstmKernels(), new VectorGruKernels(),
        VectorDraws.WIDE ? new VectorDraws() : ScalarDraws.INSTANCE);
  }

  static Kernels choose(String wish) {
    return switch (wish) {
      case "scalar" -> scalar();
      case "vector" -> vector();
      case "" -> isVectorModulePresent() ? vector() : slow();
      default -> throw new IllegalArgumentException(PROPERTY + " is '" + wish + "'; it can be scalar or vector");
    };
  }

  private static boolean isVectorModulePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static Kernels slow() {
    System.getLogger("dev.rewind.tensor").log(System.Logger.Level.WARNING,
        "Rewind runs without vector instructions, many times slower: start java with --add-modules jdk.incubator.vector");
    return scalar();
  }
}

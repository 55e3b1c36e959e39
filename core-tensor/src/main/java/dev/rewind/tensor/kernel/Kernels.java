package dev.rewind.tensor.kernel;

import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.VectorFunctions;
import dev.rewind.tensor.kernel.elementwise.VectorMaps;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.VectorMatrixKernels;
import dev.rewind.tensor.kernel.random.Philox;
import dev.rewind.tensor.kernel.random.VectorRandom;
import dev.rewind.tensor.kernel.recurrent.RecurrentKernels;
import dev.rewind.tensor.kernel.recurrent.VectorRecurrent;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;
import dev.rewind.tensor.kernel.reduction.VectorReductions;

/// The kernels in use: one provider, chosen at first use. The system property `rewind.kernels` chooses `scalar`,
/// `vector` or `warming`; by default it is `vector` where the module jdk.incubator.vector is present.
///
/// `warming` is for programs that want to be fast at once: plain loops are compiled within milliseconds, the Vector API
/// within a second. Scalar twins do what is not a product until a thread in the background has made the vector kernels
/// run so often that they are compiled; then these take over. As both give the same bits, it does not matter when. So
/// what lives long asks for [#active] whenever it needs a kernel, and keeps none. Products are of the vector kernels
/// from the start, because whatever packed a matrix must be there as long as the matrix is.
///
/// @param name what was chosen and why, for people
public record Kernels(String name, MapKernels maps, ReductionKernels reductions, MatrixKernels matrices,
    RecurrentKernels recurrent, Philox draws) {
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

  /// As at the start of [#warming]: scalar but for products.
  public static Kernels mixed() {
    Kernels scalar = scalar();
    return new Kernels("scalar until the vector kernels are compiled", scalar.maps, scalar.reductions,
        vector().matrices, scalar.recurrent, scalar.draws);
  }

  /// Puts another provider in the place of the one in use, whose packed matrices it must understand.
  public static void exchange(Kernels other) {
    active = other;
  }

  private static Kernels warming() {
    Kernels vector = vector();
    Thread thread = new Thread(() -> {
      try {
        new WarmUp().run(vector);
      } finally {
        exchange(vector);
      }
    }, "rewind-warm-up");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
    return mixed();
  }

  /// The definitions, without vectors.
  public static Kernels scalar() {
    return new Kernels("scalar", new MapKernels(), new ReductionKernels(), new MatrixKernels(),
        new RecurrentKernels(), Philox.SCALAR);
  }

  /// The vector twins.
  public static Kernels vector() {
    // no such machine was met; sums keep their bits there
    boolean wide = VectorFunctions.SPECIES.length() > ReductionKernels.LANES;
    ReductionKernels reductions = wide ? new ReductionKernels() : new VectorReductions();
    return new Kernels("vector, " + 32 * VectorFunctions.SPECIES.length() + " bits",
        new VectorMaps(), reductions, new VectorMatrixKernels(), new VectorRecurrent(),
        VectorRandom.WIDE ? new VectorRandom() : Philox.SCALAR);
  }

  static Kernels choose(String wish) {
    return switch (wish) {
      case "scalar" -> scalar();
      case "vector" -> vector();
      case "warming" -> isVectorModulePresent() ? warming() : slow();
      case "" -> isVectorModulePresent() ? vector() : slow();
      default ->
        throw new IllegalArgumentException(PROPERTY + " is '" + wish + "'; it can be scalar, vector or warming");
    };
  }

  private static boolean isVectorModulePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static Kernels slow() {
    System.getLogger("dev.rewind.tensor").log(System.Logger.Level.WARNING,
        "Rewind runs without vector instructions, many times slower: start java with --add-modules "
            + "jdk.incubator.vector");
    return scalar();
  }
}

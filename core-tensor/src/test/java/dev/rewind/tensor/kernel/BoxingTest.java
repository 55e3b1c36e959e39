package dev.rewind.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Executable;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import org.junit.jupiter.api.Test;

/// No kernel makes an object of a vector.
class BoxingTest {
  /// The compiler stops inlining methods of ours in what has grown large, and passes vectors as objects then.
  @Test
  void noMethodTakesOrReturnsAVector() throws IOException, URISyntaxException, ClassNotFoundException {
    Path folder = Path.of(Kernels.class.getResource("Kernels.class").toURI()).getParent();
    List<String> names;
    try (Stream<Path> files = Files.walk(folder)) {
      names = files.map(file -> folder.relativize(file).toString().replace(java.io.File.separatorChar, '.'))
          .filter(name -> name.endsWith(".class")).map(name -> name.substring(0, name.length() - ".class".length()))
          .toList();
    }
    assertThat(names).contains("elementwise.VectorMaps", "elementwise.VectorFunctions",
        "reduction.VectorReductions", "recurrent.VectorRecurrent");
    for (String name : names) {
      Class<?> type = Class.forName(Kernels.class.getPackageName() + "." + name);
      Stream.concat(Stream.of(type.getDeclaredMethods()), Stream.of(type.getDeclaredConstructors()))
          .filter(BoxingTest::passesVectors)
          .forEach(method -> assertThat(method.toString()).as("a method that passes vectors").isEmpty());
    }
  }

  private static boolean passesVectors(Executable method) {
    Stream<Class<?>> passed = Stream.concat(Stream.of(method.getParameterTypes()),
        method instanceof java.lang.reflect.Method m ? Stream.of(m.getReturnType()) : Stream.empty());
    return passed.anyMatch(type -> Vector.class.isAssignableFrom(type) || VectorMask.class.isAssignableFrom(type));
  }

  /// In a program of its own: what tests have made of the profiles of methods here is no program's.
  @Test
  void operationsAllocateTheirResultAlone() throws IOException, InterruptedException {
    String path = Path.of("target", "classes") + java.io.File.pathSeparator + Path.of("target", "test-classes");
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "-cp", path));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-XX:") || argument.startsWith("-Drewind")).forEach(command::add);
    command.add(Program.class.getName());
    Process process = new ProcessBuilder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).isEqualTo("");
  }

  /// Prints the operations on floats that allocate more than their result, and up to 3 bytes an element for what each
  /// row or block needs; an object for each vector would be 6 or more. What was compiled for one is met by the next
  /// ones.
  static final class Program {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SECONDS = 15;

    private Program() {}

    public static void main(String[] arguments) {
      Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 16, 2068);
      Tensor y = x.square().plus(0.1);
      Tensor mask = x.greater(0);
      Tensor doubles = x.to(DType.FLOAT64);
      Map<String, Supplier<Tensor>> operations = new TreeMap<>(Map.of(
          "softmax", () -> x.softmax(1), "logSoftmax", () -> x.logSoftmax(1), "softmaxBackward",
          () -> RawAccess.softmaxBackward(x, y, 1),
          "logSoftmaxBackward", () -> RawAccess.logSoftmaxBackward(x, y, 1), "logSumExp", () -> x.logSumExp(1),
          "where", () -> Tensor.where(mask, x, y), "plus", () -> x.plus(y), "sum", () -> x.sum(1), "columns",
          () -> x.sum(0),
          "max", () -> x.max(1)));
      operations.putAll(Map.of("erf", x::erf, "exp", x::exp, "expm1", x::expm1, "gelu", x::gelu, "log", y::log,
          "log1p", y::log1p, "sigmoid", x::sigmoid, "softplus", x::softplus, "tanh", x::tanh, "argmax",
          () -> x.argmax(1)));
      operations
          .putAll(Map.of("less", () -> x.less(y), "tanhBackward", () -> RawAccess.tanhBackward(x, y), "relu", x::relu,
              "minimum", () -> x.minimum(y), "isFinite", x::isFinite, "variance", () -> x.variance(1), "norm",
              () -> x.norm(1),
              "any", () -> mask.any(1)));
      operations.put("norm of all", x::norm);
      operations.putAll(Map.of("clamp", () -> x.clamp(-1, 1), "softmax down", () -> x.softmax(0),
          "softmaxBackward down", () -> RawAccess.softmaxBackward(x, y, 0),
          "logSoftmaxBackward down", () -> RawAccess.logSoftmaxBackward(x, y, 0), "cumsumReverse",
          () -> x.cumsumReverse(1)));
      operations.put("clamp of doubles", () -> doubles.clamp(-1, 1));
      operations.put("product by transposed", () -> x.matmul(y.transpose()));
      Tensor across = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 517, 64).transpose();
      operations.putAll(Map.of("exp across", across::exp, "plus across", () -> x.reshape(64, 517).plus(across),
          "norm across", () -> across.norm(0), "pow", () -> x.pow(y), "pow of number", () -> x.pow(3), "maskedSelect",
          () -> x.maskedSelect(mask), "uniform",
          () -> Tensor.uniform(Rng.of(1), DType.FLOAT32, 0, 1, 16, 2068)));
      Rng far = Rng.of(new Rng.State(1, 0, 1L << 40));
      operations.putAll(
          Map.of("many normal draws", () -> Tensor.normal(far, DType.FLOAT32, 0, 1, 16, 2068), "many uniform draws",
              () -> Tensor.uniform(far, DType.FLOAT32, 0, 1, 16, 2068), "many truths",
              () -> Tensor.bernoulli(far, 0.5, 16, 2068)));
      operations.forEach((name, operation) -> {
        long allowed = operation.get().elements() * (long) operation.get().dtype().bytes() + 3L * x.elements();
        long least = leastAllocated(operation, allowed);
        if (least > allowed) {
          System.out.println(name + " allocates " + least + " bytes, expected " + allowed + " at most");
        }
      });
    }

    /// Calls until an interval allocates no more than is allowed, or for as long as the compiler may take at most.
    private static long leastAllocated(Supplier<Tensor> operation, long allowed) {
      long start = System.nanoTime();
      long least = Long.MAX_VALUE;
      while (least > allowed && System.nanoTime() - start < SECONDS * 1_000_000_000L) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
          Tensor _ = operation.get();
        }
        least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / 100);
      }
      return least;
    }
  }
}

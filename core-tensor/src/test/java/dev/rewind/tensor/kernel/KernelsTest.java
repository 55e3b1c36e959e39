package dev.rewind.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KernelsTest {
  @Test
  void theProviderIsChosenByName() {
    assertThat(Kernels.choose("scalar").name()).isEqualTo("scalar");
    assertThat(Kernels.choose("vector").name()).startsWith("vector, ");
    assertThat(Kernels.choose("").name()).startsWith("vector, ");
    assertThatIllegalArgumentException().isThrownBy(() -> Kernels.choose("fast"))
        .withMessage("rewind.kernels is 'fast'; it can be scalar, vector or warming");
  }

  @Test
  void warmingBeginsWithScalarKernelsAndEndsWithVectors() throws InterruptedException {
    Kernels before = Kernels.active();
    try {
      Kernels.exchange(Kernels.choose("warming"));
      assertThat(Kernels.active().name()).startsWith("scalar until");
      while (!Kernels.active().name().startsWith("vector, ")) {
        Thread.sleep(1);
      }
    } finally {
      Kernels.exchange(before);
    }
  }

  /// A program on the class path, started without the flag, that comes by all families of kernels.
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 3, 3);
      x.matmul(x).softmax(1).sum(0).max();
      float[] y = new float[3];
      Stream.of(Unary.values()).forEach(op -> Kernels.active().maps().unary(op, new float[3], 0, y, 0, 3));
      Stream.of(Binary.values())
          .forEach(op -> Kernels.active().maps().binary(op, new float[3], 0, new float[3], 0, y, 0, 3));
      Kernels.active().recurrent().gru(1, new float[4], 0, new float[1], 0, new float[1], 0);
      System.out.println(Kernels.active().name());
    }
  }

  @Test
  void withoutTheVectorModuleOneWarningNamesTheFlag() throws IOException, InterruptedException {
    String path = Path.of("target", "classes") + java.io.File.pathSeparator + Path.of("target", "test-classes");
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        path,
        Program.class.getName()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output.lines()).last().isEqualTo("scalar");
    assertThat(output).containsOnlyOnce("--add-modules jdk.incubator.vector");
  }
}

package dev.rewind.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /// A program on the class path, started without the flag.
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Kernels.active();
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

  /// Float and double must not drift apart: one source turns into the other by replacing words.
  @Test
  void doubleLoopsAreTheTwinOfFloatLoops() throws IOException {
    Path folder = Path.of("src", "main", "java", "dev", "rewind", "tensor", "kernel");
    assertThat(code(folder.resolve("elementwise/FloatLoops.java")).replace("(float) ", "").replace("float", "double")
        .replace("FloatMath", "DoubleMath").replace("FloatLoops", "DoubleLoops"))
        .isEqualTo(code(folder.resolve("elementwise/DoubleLoops.java")));
    assertThat(code(folder.resolve("reduction/ScalarReductions.java")).replace("(double) ", "").replace("(float) ", "")
        .replace("float", "double").replace("Float.", "Double.").replace("FloatLoops", "DoubleLoops")
        .replace("  @Override\n", "")
        .replaceFirst("public sealed class .*\\R", "").replaceAll("public (double|void|int)", "public static $1"))
        .isEqualTo(code(folder.resolve("reduction/DoubleReductions.java")).replaceFirst("public final class .*\\R", "")
            .replaceAll("  private static final int .*\\R", "").replace("  private DoubleReductions() {}\n", ""));
  }

  /// A source without its comments and blank lines.
  private static String code(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?m)^\\s*///.*\\R", "").replaceAll("\\R+", "\n");
  }
}

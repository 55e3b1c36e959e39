package dev.rewind.nn.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.io.TensorFormat;
import dev.rewind.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The files of the folder `golden` are what the library computes. They are written anew by
///
/// ```
/// mvn -q verify -pl nn -am -Dtest=GoldenVectorsTest -Dsurefire.failIfNoSpecifiedTests=false \
///   -Djvm.vector='--add-modules jdk.incubator.vector -Drewind.golden=write'
/// ```
class GoldenVectorsTest {
  private static final Path FOLDER = Path.of("..", "golden");

  static Stream<GoldenVectors.Vectors> vectors() {
    return GoldenVectors.all().stream();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void theFileIsWhatTheLibraryComputes(GoldenVectors.Vectors vectors) throws IOException {
    Path file = FOLDER.resolve(vectors.name() + ".json");
    Path arrays = FOLDER.resolve(vectors.name() + ".npz");
    Map<String, Map<String, Tensor>> groups = GoldenVectors.groups(vectors);
    String json = GoldenVectors.json(vectors, groups);
    TensorFile computed = GoldenVectors.arrays(groups);
    if ("write".equals(System.getProperty("rewind.golden"))) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, json);
      computed.write(arrays, TensorFormat.NPZ_COMPRESSED);
    }
    Map<String, Tensor> read = TensorFile.read(arrays).tensors();
    assertThat(read.keySet()).containsExactlyElementsOf(computed.tensors().keySet());
    computed.tensors().forEach((name, tensor) -> assertThat(read.get(name).allClose(tensor, 1e-11, 1e-12))
        .as("%s: %s", arrays, name).isTrue());
    List<String> expected = tokens(Files.readString(file));
    List<String> actual = tokens(json);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      if (!actual.get(i).equals(expected.get(i))) {
        double e = Double.parseDouble(expected.get(i));
        assertThat(Double.parseDouble(actual.get(i))).as("%s, token %d", file, i)
            .isCloseTo(e, org.assertj.core.api.Assertions.within(1e-12 + 1e-11 * Math.abs(e)));
      }
    }
  }

  private static List<String> tokens(String json) {
    return List.of(json.split("[\\s,\\[\\]{}:\"]+"));
  }

  @Test
  void allFilesTogetherAreSmall() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Path> all = files.filter(file -> !file.toString().endsWith(".py")).toList();
      assertThat(all).hasSize(2 * GoldenVectors.all().size());
      assertThat(all.stream().mapToLong(file -> file.toFile().length()).sum()).isLessThan(1_000_000);
    }
  }

  /// Dropout draws anew at each step, so it has no fixed values; its cell has.
  @Test
  void everyCellHasAFile() throws IOException {
    String all = GoldenVectors.all().stream().map(GoldenVectors.Vectors::what).toList().toString();
    Path main = Path.of("src/main/java/dev/rewind/nn");
    try (Stream<Path> cellSources = Files.list(main.resolve("cells"));
        Stream<Path> wrapperSources = Files.list(main.resolve("wrappers"))) {
      List<String> cells = Stream.concat(cellSources, wrapperSources).map(source -> source.getFileName().toString()
          .replace(".java", "")).filter(name -> name.endsWith("Cell"))
          .filter(name -> !List.of("DropoutCell", "WrapperCell", "FusedCell",
              "MinimalCell").contains(name)) // of which the last three are what others extend
          .toList();
      assertThat(cells).hasSizeGreaterThan(12).allSatisfy(cell -> assertThat(all).contains(cell));
    }
  }

  /// An LSTM in NumPy, with its backward pass by hand, against the file.
  @Test
  void anLstmInNumPyAgrees() throws Exception {
    assumeThat(run("-c", "import numpy")).as("no python3 with numpy is here").isZero();
    assertThat(run("lstm.py")).isZero();
    assertThat(run("lstm.py", "lstm.json")).isZero();
    assertThat(run("lstm.py", "lstm.npz")).isZero();
    String wrong = Files.readString(FOLDER.resolve("lstm.json")).replace("\"loss\" : ", "\"loss\" : 1");
    Path spoilt = Files.createTempFile("lstm", ".json");
    Files.writeString(spoilt, wrong);
    assertThat(run("lstm.py", spoilt.toString())).isNotZero();
    Files.delete(spoilt);
  }

  private static int run(String... arguments) throws Exception {
    List<String> command = Stream.concat(Stream.of("python3"), Stream.of(arguments)).toList();
    try {
      return new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.to(new File("target/numpy.log").getAbsoluteFile())).start().waitFor();
    } catch (IOException e) {
      return -1; // no python3
    }
  }
}

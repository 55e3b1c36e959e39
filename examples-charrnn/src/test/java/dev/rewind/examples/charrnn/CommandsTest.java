package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sample`, `evaluate` and `info` on models made here, and what `train` reads.
class CommandsTest {
  private static final Vocabulary VOCABULARY = Vocabulary.of("\n abé😀?");

  @TempDir
  Path folder;

  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = write(VOCABULARY, Map.of(), Map.of());
  }

  /// A small model with some texts and tensors replaced.
  private Path write(Vocabulary vocabulary, Map<String, String> metadata, Map<String, Tensor> tensors) throws IOException {
    CharRnn<?> fresh = CharRnn.lstm(new ModelOptions(ModelOptions.CellKind.LSTM, vocabulary.size(), 3, 4, 2, 0), Rng.of(1));
    TensorFile file = ModelFile.toFile(fresh, vocabulary, metadata);
    Map<String, Tensor> all = new LinkedHashMap<>(file.tensors());
    all.putAll(tensors);
    Path path = folder.resolve("model.safetensors");
    new TensorFile(all, file.metadata()).write(path);
    return path;
  }

  private record Result(int status, String out, String err) {}

  private static Result run(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Result result = run(out, args);
    return new Result(result.status, out.toString(StandardCharsets.UTF_8), result.err);
  }

  private static Result run(OutputStream out, Object... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = new Main(new PrintStream(out, false, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(List.of(args).stream().map(Object::toString).toArray(String[]::new));
    return new Result(status, "", err.toString(StandardCharsets.UTF_8));
  }

  // ---- the text is shown while it is being written --------------------------------------------------------------------

  /// An output of which only the first bytes are wanted, as `head` wants them.
  private static final class Pipe extends OutputStream {
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private int flushed;

    @Override
    public void write(int b) throws IOException {
      if (seen.size() == 100) {
        throw new IOException("Broken pipe");
      }
      seen.write(b);
    }

    @Override
    public void flush() {
      flushed = seen.size();
    }
  }

  /// More symbols than memory holds or anybody waits for.
  @Test
  void aSampleIsShownAtOnceAndEndsWhenNobodyReadsIt() {
    Pipe pipe = new Pipe();
    Result result = run(pipe, "sample", "--model", model, "--prompt", "ab", "--length", Integer.MAX_VALUE);
    assertThat(result.status()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(pipe.seen.toString(StandardCharsets.UTF_8)).startsWith("ab");
    assertThat(pipe.seen.size()).isEqualTo(100);
    assertThat(pipe.flushed).isBetween(1, 100);
  }

  @Test
  void whatIsShownIsWholeUtf8AtAnyTime() {
    ByteArrayOutputStream out = new ByteArrayOutputStream() {
      @Override
      public void flush() throws CharacterCodingException {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(toByteArray())); // throws if the end is cut
      }
    };
    assertThat(run(out, "sample", "--model", model, "--prompt", "😀", "--length", 100_000, "--temperature", 5).status()).isZero();
    String text = out.toString(StandardCharsets.UTF_8).strip();
    assertThat(text).startsWith("😀").contains("é");
    assertThat(text.codePoints().filter(symbol -> symbol == 0x1F600).count()).isGreaterThan(5000);
  }

  private Process program(ProcessBuilder.Redirect out, Object... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    List.of(args).forEach(arg -> command.add(arg.toString()));
    return new ProcessBuilder(command).redirectOutput(out).redirectError(folder.resolve("err").toFile()).start();
  }

  @Test
  void aClosedPipeIsNoError() throws IOException, InterruptedException {
    Process process = program(ProcessBuilder.Redirect.PIPE, "sample", "--model", model, "--length", Integer.MAX_VALUE);
    try (InputStream out = process.getInputStream()) {
      assertThat(out.readNBytes(100)).hasSize(100);
    }
    assertThat(process.waitFor()).isZero();
    assertThat(folder.resolve("err")).content().doesNotContain("charrnn:", "Exception");
  }

  static boolean hasAFullDevice() {
    return Files.isWritable(Path.of("/dev/full"));
  }

  @ParameterizedTest
  @CsvSource({"sample", "info"})
  @EnabledIf("hasAFullDevice")
  void anOutputThatCannotBeWrittenIsAnError(String command) throws IOException, InterruptedException {
    Process process = program(ProcessBuilder.Redirect.to(Path.of("/dev/full").toFile()), command, "--model", model);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(folder.resolve("err")).content().contains("charrnn: standard output: cannot be written; is the disk full?");
  }
}

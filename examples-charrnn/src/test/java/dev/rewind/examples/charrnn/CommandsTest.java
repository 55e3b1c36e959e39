package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
  private Path write(Vocabulary vocabulary, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    CharRnn<?> fresh = CharRnn.lstm(new ModelOptions(CellKind.LSTM, vocabulary.size(), 3, 4, 2, 0),
        Rng.of(1));
    TensorFile file = ModelFile.toFile(fresh, vocabulary, metadata);
    Map<String, Tensor> all = new LinkedHashMap<>(file.tensors());
    all.putAll(tensors);
    Path path = folder.resolve("model.safetensors");
    new TensorFile(all, file.metadata()).write(path);
    return path;
  }

  private Path text(String text) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), text);
  }

  private record Result(int status, String out, String err) {}

  private static Result run(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Result result = run(out, args);
    return new Result(result.status, out.toString(StandardCharsets.UTF_8), result.err);
  }

  private static Result run(OutputStream out, Object... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = new Main(new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(List.of(args).stream().map(Object::toString).toArray(String[]::new));
    return new Result(status, "", err.toString(StandardCharsets.UTF_8));
  }

  private static void refused(Result result, String reason) {
    assertThat(result.status()).as(result.err()).isEqualTo(2);
    assertThat(result.err().strip()).startsWith("charrnn: ").contains(reason).doesNotContain("\n");
    assertThat(result.out()).isEmpty();
  }

  // ---- the text is shown while it is being written
  // --------------------------------------------------------------------

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
    assertThat(run(out, "sample", "--model", model, "--prompt", "😀", "--length", 100_000, "--temperature", 5).status())
        .isZero();
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
    assertThat(folder.resolve("err")).content()
        .contains("charrnn: standard output: cannot be written; is the disk full?");
  }

  // ---- symbols that the model does not know
  // ---------------------------------------------------------------------------

  @Test
  void unknownSymbolsAreRefusedWithAHint() throws IOException {
    String reason = "'Ω' (U+03A9) at offset 2 (line 1, column 3) is not among the 7 symbols of the model; --unknown "
        + "skip leaves such "
        + "symbols out, --unknown SYMBOL reads another one instead";
    refused(run("sample", "--model", model, "--prompt", "abΩ"), "--prompt: " + reason);
    refused(run("evaluate", "--model", model, "--input", text("abΩ")), "text.txt: " + reason);
    Path knows = write(VOCABULARY.withUnknown(6), Map.of(), Map.of());
    refused(run("evaluate", "--model", knows, "--input", text("abΩ"), "--unknown", "refuse"), "text.txt: " + reason);
  }

  @Test
  void skippedSymbolsAreAsIfTheyWereNotThere() throws IOException {
    String without = run("evaluate", "--model", model, "--input", text("abba é")).out();
    assertThat(without).matches("loss: \\S+\\Rbits: \\S+\\Rperplexity: \\S+\\R");
    Result skipping = run("evaluate", "--model", model, "--input", text("abΩbaΩ\uD83D\uDE01 é"), "--unknown", "skip");
    assertThat(skipping.out()).isEqualToNormalizingNewlines(without.replace("\r", "") + "skipped: 3\n");
    String sample = run("sample", "--model", model, "--prompt", "ab").out();
    Result other = run("sample", "--model", model, "--prompt", "aΩb", "--unknown", "skip");
    assertThat(other.out()).isEqualTo("aΩb" + sample.substring(2));
    assertThat(other.err())
        .isEqualToNormalizingNewlines("--prompt: symbols that the model does not know: 1, skipped\n");
    assertThat(run("sample", "--model", model, "--prompt", "Ω", "--unknown", "skip").out())
        .isEqualTo("Ω" + run("sample", "--model", model).out());
  }

  @Test
  void replacedSymbolsAreReadAsTheOneThatIsNamed() throws IOException {
    String replaced = run("evaluate", "--model", model, "--input", text("ab??😀")).out().replace("\r", "")
        + "replaced: 2\n";
    assertThat(run("evaluate", "--model", model, "--input", text("abΩ漢😀"), "--unknown", "?").out())
        .isEqualToNormalizingNewlines(replaced);
    Path knows = write(VOCABULARY.withUnknown(6), Map.of(), Map.of());
    assertThat(run("info", "--model", knows).out()).contains("unknown: 6");
    assertThat(run("evaluate", "--model", knows, "--input", text("abΩ漢😀")).out())
        .isEqualToNormalizingNewlines(replaced);
    assertThat(run("sample", "--model", knows, "--prompt", "Ω").err()).contains(": 1, replaced");
  }

  @ParameterizedTest
  @CsvSource({"ignore, 'must be refuse, skip or one symbol, not ''ignore'''",
      "'', 'must be refuse, skip or one symbol, not '''''",
      "Ω, ': ''Ω'' (U+03A9) is not among the symbols of the model itself'"})
  void whatNoSymbolIsReplacedByIsRefused(String how, String reason) throws IOException {
    refused(
        run("evaluate", "--model", write(VOCABULARY.withUnknown(6), Map.of(), Map.of()), "--input", text("ab"),
            "--unknown", how),
        "--unknown" + (reason.startsWith(":") ? "" : " ") + reason);
  }

  @ParameterizedTest
  @CsvSource({"7, the unknown symbol is to be number 7 of a vocabulary of 7",
      "-1, the unknown symbol is to be number -1 of a vocabulary of 7",
      "?, 'its metadata say unknown ''?'', not the id of a symbol'"})
  void anUnknownSymbolThatTheVocabularyHasNotIsRefused(String id, String reason) throws IOException {
    refused(run("info", "--model", write(VOCABULARY, Map.of("unknown", id), Map.of())), "model.safetensors: " + reason);
  }

  @Test
  void rareSymbolsBecomeTheUnknownOne() throws IOException {
    Path input = text("abab ababab é bababab aba Ω".repeat(2) + "漢");
    Path out = folder.resolve("run");
    String[] train = {"train", "--input", input.toString(), "--out", out.toString(), "--hidden", "5", "--batch", "2",
        "--steps", "5",
        "--iterations", "2", "--validation", "0", "--min-count", "4"};
    assertThat(run((Object[]) train).status()).isZero();
    assertThat(run("info", "--model", out).out()).contains("vocabulary:  ab\uFFFD", "unknown: 3");
    assertThat(run("evaluate", "--model", out, "--input", input).out()).contains("replaced: 5");
    Result resumed = run("train", "--resume", "--out", out, "--iterations", 4);
    assertThat(resumed.status()).as(resumed.err()).isZero();
    assertThat(run("info", "--model", out).out()).contains("unknown: 3", "iteration: 4");
    refused(run("train", "--input", input, "--out", folder.resolve("other"), "--min-count", 100),
        "--min-count: no symbol of the text is there 100 times or more; the most frequent one is there 20 times");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  // ---- texts in other encodings
  // ---------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"windows-1252", "UTF-16LE", "UTF-32", "GB18030"})
  void aTextInAnotherEncodingGivesTheSameModel(String encoding) throws IOException {
    String content = "déjà vu, à la carte; ".repeat(30);
    Path utf8 = Files.writeString(folder.resolve("utf8.txt"), content);
    Path other = Files.writeString(folder.resolve("other.txt"), content, Charset.forName(encoding));
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    List<Object> sizes = List.of("--hidden", "5", "--batch", "2", "--steps", "5", "--iterations", "3");
    assertThat(run(training(utf8, one, sizes)).status()).isZero();
    refused(run(training(other, two, sizes)), "other.txt: ");
    Object[] told = training(other, two,
        List.of("--hidden", "5", "--batch", "2", "--steps", "5", "--iterations", "2", "--encoding",
            encoding));
    assertThat(run(told).status()).isZero();
    Result resumed = run("train", "--resume", "--out", two, "--iterations", 3);
    assertThat(resumed.status()).as(resumed.err()).isZero();
    assertThat(two.resolve("model.safetensors")).hasSameBinaryContentAs(one.resolve("model.safetensors"));
    refused(run("evaluate", "--model", two, "--input", other), "; --encoding ");
    assertThat(run("evaluate", "--model", two, "--input", other, "--encoding", encoding).out())
        .isEqualTo(run("evaluate", "--model", one, "--input", utf8).out());
  }

  private static Object[] training(Path input, Path out, List<Object> more) {
    List<Object> args = new ArrayList<>(List.of("train", "--input", input, "--out", out));
    args.addAll(more);
    return args.toArray();
  }

  @Test
  void anEncodingThatIsNoneOrHasNoTextIsRefused() throws IOException {
    Path out = folder.resolve("run");
    for (String name : List.of("latin-99", "", "a b", "é")) {
      refused(run("train", "--input", text("ab"), "--out", out, "--encoding", name),
          "--encoding must be an encoding that Java has, such as windows-1252, GB18030 or UTF-16LE, not ");
    }
    refused(run("train", "--out", out, "--encoding", "UTF-8"), "--encoding is that of a text; --input names it");
    assertThat(out).doesNotExist();
  }

  // ---- what a file says and what it holds
  // -----------------------------------------------------------------------------

  @Test
  void infoShowsWhereMetadataAndTensorsDisagree() throws IOException {
    assertThat(run("info", "--model", model).out()).contains("hidden: 4\n").doesNotContain("disagrees", "not use",
        "NaN");
    Path odd = write(VOCABULARY, Map.of("hidden", "64", "layers", "3", "embedding", "three"),
        Map.of("lstm.weight_ih_l3", Tensor.zeros(DType.FLOAT32, 2)));
    assertThat(run("info", "--model", odd).out()).contains("cell: lstm\n",
        "hidden: 64 (disagrees with the tensors, which decide: 4)\n",
        "layers: 3 (disagrees with the tensors, which decide: 2)\n",
        "embedding: three (disagrees with the tensors, which decide: 3)\n",
        "tensors that the model does not use: lstm.weight_ih_l3\n");
    refused(run("info", "--model", write(VOCABULARY, Map.of("cell", "gru"), Map.of())),
        "its metadata say cell 'gru', but it has no tensor gru.* whose name ends in _l0; it has lstm.*");
  }

  @Test
  void aModelThatHoldsNanIsRefusedByNameAndShown() throws IOException {
    Path nan = write(VOCABULARY, Map.of(),
        Map.of("linear.bias", Tensor.of(new float[] {0, 0, 0, Float.NaN, 0, 0, 0}, 7)));
    String reason = "model.safetensors: linear.bias holds NaN, so the model can neither read nor write";
    refused(run("evaluate", "--model", nan, "--input", text("abba")), reason);
    refused(run("sample", "--model", nan), reason);
    Result info = run("info", "--model", nan);
    assertThat(info.status()).isZero();
    assertThat(info.out()).contains("not usable: linear.bias holds NaN\n");
  }

  @Test
  void aLossThatOverflowsIsRefused() throws IOException {
    float huge = 3e38f;
    float[] weight = new float[28];
    Arrays.fill(weight, huge);
    float[] bias = new float[7];
    Arrays.fill(bias, -huge);
    bias[0] = Float.POSITIVE_INFINITY;
    Path large = write(VOCABULARY, Map.of(),
        Map.of("linear.weight", Tensor.of(weight, 7, 4), "linear.bias", Tensor.of(bias, 7)));
    refused(run("evaluate", "--model", large, "--input", text("abba")),
        "the loss is NaN, for the model's parameters are too large");
  }

  // ---- explain ------------------------------------------------------------------------------------------------------

  @Test
  void aModelIsExplainedOnATextItKnows() throws IOException {
    Result explained = run("explain", "--model", model, "--input", text("abéabéabéab"), "--batch", 1, "--steps", 4);
    assertThat(explained.out()).contains("inputs \"abéa\"  targets \"béab\"", "step 4 of 4", "log V = 1.9459");
    assertThat(explained.status()).isZero();
    assertThat(run("explain", "--hidden", 4, "--cell", "gru", "--format", "html").out()).startsWith("<!DOCTYPE html>");
    refused(run("explain", "--model", model, "--input", text("abé")),
        "the text has 3 symbols, but --batch 2 and --steps 3 need 8");
    refused(run("explain", "--model", model, "--input", text("abxabxabx")), "'x'");
    refused(run("explain", "--format", "pdf"), "pdf");
  }

  @Test
  void aNewModelIsExplainedInTheSizesGiven() {
    assertThat(run("explain", "--hidden", 4, "--embedding", 3, "--layers", 1).out())
        .contains("V = 77, E = 3, H = 4, 1 x lstm", "cells.0.weight_ih    [16, 3]");
    refused(run("explain", "--model", model, "--hidden", 4), "--hidden is for a new model");
    refused(run("explain", "--hidden", 100_000), "choose a smaller --hidden");
  }

  @Test
  void aRunSaysItsFormAndKeepsIt() throws IOException {
    Path input = text("abé".repeat(200));
    Path out = folder.resolve("list");
    Result list = run("train", "--input", input, "--out", out, "--form", "list", "--hidden", 4, "--batch", 2, "--steps",
        5,
        "--iterations", 2);
    assertThat(list.err()).contains("list form");
    assertThat(run("train", "--resume", "--out", out, "--iterations", 3).err()).contains("list form");
    refused(run("train", "--resume", "--out", out, "--form", "fused"),
        "--form fused: the run to go on with has --form list");
  }
}

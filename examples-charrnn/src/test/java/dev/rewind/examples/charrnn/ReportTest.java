package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.examples.charrnn.model.CellKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `report`, and the samples that it shows. How the page behaves is tested where it is made.
class ReportTest {
  private static final String LINE = "He said, 'it \\is', \"and\" <b>went</b> away.\r\n";

  @TempDir
  private Path folder;

  private record Result(int status, String out, String err) {}

  private static Result run(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = new Main(new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(Stream.of(args).map(Object::toString).toArray(String[]::new));
    return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Path trained(String name, Object... more) throws IOException {
    Path out = folder.resolve(name);
    Path input = Files.writeString(folder.resolve("the text.txt"), LINE.repeat(40));
    Result result = run(Stream.concat(Stream.of("train", "--input", input, "--out", out, "--hidden", 6, "--batch", 3,
        "--steps", 10, "--iterations", 6, "--sample-every", 2), Stream.of(more)).toArray());
    assertThat(result.status()).as(result.err()).isZero();
    return out;
  }

  private String page(Object... args) throws IOException {
    Path html = folder.resolve("page.html");
    Result result = run(Stream.concat(Stream.of("report", "--html", html), Stream.of(args)).toArray());
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.err()).startsWith("the page is in " + html);
    String page = Files.readString(html);
    assertThat(page).doesNotContain(folder.toString()).doesNotContain(System.getProperty("user.dir"))
        .doesNotContain(System.getProperty("user.home") + "/").doesNotContain("<b>went").doesNotContain("http:")
        .doesNotContain("https:");
    return page;
  }

  private static void refused(Result result, String message) {
    assertThat(result.status()).as(result.err()).isEqualTo(ExitCode.USER);
    assertThat(result.err()).contains(message).hasLineCount(1);
  }

  @Test
  void aPageOfARunShowsWhatItHeldOut() throws IOException {
    Path out = trained("a run");
    String page = page("--model", out);
    assertThat(page).contains("id=\"chart-loss\"", "chars per second", "validation loss",
        "All 176 of 176 symbols: what was held out of the text.txt", "<h3>after 2 iterations</h3>",
        "<h3>after 6 iterations</h3>", "2 × lstm of 6", "charrnn train --out a run --input the text.txt",
        "charrnn report --model a run --length 10000 --html page.html", "<code>cells.1.weight_hh</code>");
    assertThat(page("--model", out)).isEqualTo(page);
    assertThat(page("--model", out, "--length", 7)).contains("The first 7 of 176 symbols");
    assertThat(page("--model", out, "--length", 1)).contains("No unit follows any of the measures");
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void everyCellHasAPage(CellKind kind) throws IOException {
    Path out = trained(kind.label(), "--cell", kind.label(), "--layers", 1);
    assertThat(page("--model", out)).contains("1 × " + kind.label() + " of 6", "\"layer\":\"layer 0\"");
  }

  @Test
  void samplesAreKeptAsTheyWereShown() throws IOException {
    Path out = trained("run");
    RunDirectory run = RunDirectory.saved(out);
    assertThat(run.samples()).extracting(sample -> sample.iteration()).containsExactly(2, 4, 6);
    for (String text : List.of("", "\\n\n\r\"\",\\\"", "a\\", "\u2028\u0085", "😀")) {
      run.keepSample(5, text);
      assertThat(run.samples()).extracting(sample -> sample.iteration()).containsExactly(2, 4, 5);
      assertThat(run.samples().getLast().text()).isEqualTo(text);
    }
    Files.writeString(out.resolve("samples.csv"), Files.readString(out.resolve("samples.csv")) + "6,\"was being wri");
    assertThat(run.samples()).hasSize(3);
    Result resumed = run("train", "--resume", "--out", out, "--iterations", 8);
    assertThat(resumed.status()).as(resumed.err()).isZero();
    assertThat(run.samples()).extracting(sample -> sample.iteration()).containsExactly(2, 4, 5, 8);
    assertThat(resumed.out()).isEqualTo(run.samples().getLast().text() + System.lineSeparator());
    Files.delete(out.resolve("samples.csv"));
    assertThat(page("--model", out)).contains("kept no samples");
  }

  @Test
  void aModelWithoutARunHasAPageWithoutCurves() throws IOException {
    Path file = Files.copy(trained("run").resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Path text = Files.writeString(folder.resolve("other.txt"), LINE.repeat(3));
    assertThat(page("--model", file, "--input", text)).doesNotContain("id=\"chart-loss\"").doesNotContain("trained by");
    assertThat(run("report", "--model", file, "--input", text, "--html", folder.resolve("p.html")).err())
        .contains("it has no curves: they need the folder of a run");
    refused(run("report", "--model", file, "--html", folder.resolve("p.html")), "--input names a text to read");
  }

  @Test
  void aMegabyteIsReadAsFarAsAsked() throws IOException {
    Path text = Files.writeString(folder.resolve("long.txt"), LINE.repeat(1 + 1_000_000 / LINE.length()));
    Path html = folder.resolve("long.html");
    Result result = run("report", "--model", trained("run"), "--input", text, "--length", 600, "--html", html);
    assertThat(result.status()).isZero();
    assertThat(result.err()).contains("it shows 600 of 1000032 symbols, --length shows more");
    assertThat(Files.readString(html)).contains("The first 600 of 1,000,032 symbols: long.txt",
        "for the first 500 symbols only");
  }

  @Test
  void theSizeOfAPageIsBounded() throws IOException {
    Path out = folder.resolve("large");
    Result trained = run("train", "--out", out, "--hidden", 128, "--layers", 2, "--iterations", 2, "--batch", 2,
        "--steps", 10);
    assertThat(trained.status()).as(trained.err()).isZero();
    String page = page("--model", out);
    assertThat(page).contains("The first 10,000 of 121,498 symbols");
    assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(3_000_000);
    Matcher whole = Pattern.compile("\"whole\":(\\d+)").matcher(page);
    assertThat(whole.find()).isTrue();
    assertThat(whole.group(1)).isEqualTo("500");
  }

  @Test
  void whatCannotBeShownIsSaid() throws IOException {
    Path out = trained("run");
    Path html = folder.resolve("page.html");
    Path unknown = Files.writeString(folder.resolve("unknown.txt"), "He said\u00e9");
    refused(run("report", "--model", out, "--input", unknown, "--html", html), "'é' (U+00E9) at offset 7");
    assertThat(html).doesNotExist();
    assertThat(page("--model", out, "--input", unknown, "--unknown", "skip"))
        .contains("All 8 of 8 symbols: unknown.txt, of which the model does not know 1 (skipped)");
    Path all = Files.writeString(folder.resolve("all.txt"), "\u00e9");
    refused(run("report", "--model", out, "--input", all, "--unknown", "skip", "--html", html), "no symbol is left");
    refused(run("report", "--model", out, "--input", folder.resolve("none.txt"), "--html", html), "no such file");
    refused(run("report", "--model", out, "--html", folder.resolve("nowhere").resolve("page.html")),
        "page.html: there is no folder ");
    refused(run("report", "--model", out, "--html", folder), folder.getFileName() + ": ");
    refused(run("report", "--model", folder.resolve("none"), "--html", html), "no such file");
    refused(run("report", "--model", out, "--encoding", "UTF-16LE", "--html", html), "--input names it");
    refused(run("report", "--model", out), "--html");
    Files.delete(folder.resolve("the text.txt"));
    refused(run("report", "--model", out, "--html", html),
        "the text.txt: no such file or directory; --input names a text");
    Files.writeString(out.resolve("metrics.csv"), "iteration,train_loss\n1,a\n");
    refused(run("report", "--model", out, "--input", unknown, "--unknown", "skip", "--html", html),
        "metrics.csv: is not a metrics file: line 2");
    Files.delete(out.resolve("metrics.csv"));
    assertThat(page("--model", out, "--input", unknown, "--unknown", "skip")).contains("no metrics.csv");
  }
}

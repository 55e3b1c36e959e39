package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
  private long now = 77;

  private Training progress(boolean terminal, int first, int total) {
    return new Training(new Progress(out, terminal, first, "chars", () -> now), first, total);
  }

  /// A training of 2500 characters an iteration.
  private record Training(Progress progress, int first, int total) {
    void update(int iteration, double loss) {
      progress.update(iteration, total, 2500L * (iteration - first), loss);
    }

    void line(String text) {
      progress.line(text);
    }

    void finish() {
      progress.finish();
    }
  }

  private String written() {
    String result = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    bytes.reset();
    return result;
  }

  /// What a terminal shows after these bytes: carriage return and backspace move, other characters overwrite.
  private static String screen(String written) {
    StringBuilder shown = new StringBuilder();
    for (String line : written.split("\n", -1)) {
      StringBuilder row = new StringBuilder();
      int column = 0;
      for (char c : line.toCharArray()) {
        if (c == '\r') {
          column = 0;
        } else if (c == '\b') {
          column--;
        } else {
          row.setLength(Math.max(row.length(), column + 1));
          row.setCharAt(column++, c);
        }
      }
      shown.append(shown.isEmpty() ? "" : "\n").append(row.toString().stripTrailing());
    }
    return shown.toString();
  }

  @Test
  void aTerminalShowsOneLine() {
    Training progress = progress(true, 0, 200);
    now += SECOND / 4;
    progress.update(10, 4.17444);
    assertThat(screen(written()))
        .isEqualTo("[#...................]   5%  10/200  loss 4.1744  100k chars/s  0:05 left");
  }

  @Test
  void theLineIsDrawnTenTimesASecondAtMost() {
    Training progress = progress(true, 0, 200);
    progress.update(1, 4);
    written();
    now += SECOND / 20;
    progress.update(2, 4);
    assertThat(written()).isEmpty();
    now += SECOND / 20;
    progress.update(3, 4);
    assertThat(written()).contains("3/200");
  }

  @Test
  void aShorterLineLeavesNothingOfALongerOne() {
    Training progress = progress(true, 0, 200);
    progress.update(1, 123_456_789);
    now += SECOND;
    progress.update(199, 1);
    assertThat(screen(written())).endsWith(" left").doesNotContain("leftt").hasLineCount(1);
  }

  @Test
  void linesOfOthersStandAboveTheStatus() {
    Training progress = progress(true, 0, 20);
    now += SECOND;
    progress.line("first");
    progress.update(10, 2);
    progress.line("checkpoint");
    now += SECOND;
    progress.update(20, 1.5);
    progress.finish();
    out.print("after");
    out.flush();
    assertThat(screen(written()).lines()).containsExactly("first", "checkpoint",
        "[####################] 100%  20/20  loss 1.5000  25.0k chars/s  0:00 left", "after");
  }

  @Test
  void finishShowsTheLatestEvenIfItWasTooSoonToDraw() {
    Training progress = progress(true, 0, 20);
    progress.update(1, 2);
    progress.update(2, 3);
    progress.finish();
    progress.finish();
    assertThat(screen(written())).contains("2/20  loss 3.0000").endsWith("\n").hasLineCount(1);
  }

  @Test
  void nothingWasDoneNothingIsShown() {
    progress(true, 0, 20).finish();
    progress(false, 0, 20).finish();
    assertThat(written()).isEmpty();
  }

  @Test
  void aLogGetsALineNowAndThen() {
    Training progress = progress(false, 0, 100);
    for (int i = 1; i <= 25; i++) {
      now += SECOND;
      progress.update(i, 2);
    }
    progress.line("checkpoint");
    progress.finish();
    progress.finish();
    assertThat(written().lines()).containsExactly(
        "1%  1/100  loss 2.0000  2.5k chars/s  1:39 left",
        "11%  11/100  loss 2.0000  2.5k chars/s  1:29 left",
        "21%  21/100  loss 2.0000  2.5k chars/s  1:19 left",
        "checkpoint",
        "25%  25/100  loss 2.0000  2.5k chars/s  1:15 left");
  }

  @Test
  void theSpeedIsThatOfTheLastSeconds() {
    Training progress = progress(true, 100, 1000);
    assertThat(progress.progress().unitsPerSecond()).isZero();
    now += 20 * SECOND; // the first iteration after a resume is slow
    progress.update(101, 2);
    for (int i = 102; i <= 200; i++) {
      now += SECOND / 10;
      progress.update(i, 2);
    }
    assertThat(progress.progress().unitsPerSecond()).isCloseTo(25_000, Offset.offset(1e-6));
  }

  @Test
  void theStartTellsNoTime() {
    Training progress = progress(true, 0, 10);
    progress.update(1, Double.NaN); // in no time at all
    assertThat(screen(written())).isEqualTo("[##..................]  10%  1/10  loss NaN  0 chars/s  ? left");
  }

  @Test
  void theLineFitsEightyColumnsAndTheLocaleIsOurs() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      Training progress = progress(true, 0, 2_000_000_000);
      now += 100 * SECOND;
      progress.update(1_234_567_890, 1e30);
      assertThat(screen(written())).contains(" loss 1000000").hasSizeLessThan(80).doesNotContain(",");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void whereNobodyKnowsTheEndThereIsNoBar() {
    Training progress = progress(true, 0, 0);
    now += SECOND;
    progress.update(12, 2.5);
    progress.finish();
    assertThat(screen(written())).isEqualTo("12  loss 2.5000  30.0k chars/s\n");
  }

  @Test
  void countsAndDurations() {
    assertThat(Progress.count(0)).isEqualTo("0");
    assertThat(Progress.count(999.4)).isEqualTo("999");
    assertThat(Progress.count(999.6)).isEqualTo("1.0k");
    assertThat(Progress.count(99_960)).isEqualTo("100k");
    assertThat(Progress.count(999_600)).isEqualTo("1.00M");
    assertThat(Progress.duration(59.1)).isEqualTo("1:00");
    assertThat(Progress.duration(3599)).isEqualTo("59:59");
    assertThat(Progress.duration(3723)).isEqualTo("1:02:03");
    assertThat(Progress.duration(Double.POSITIVE_INFINITY)).isEqualTo("?");
    assertThat(Progress.duration(Double.NaN)).isEqualTo("?");
  }
}

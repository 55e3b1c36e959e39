package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.examples.charrnn.MetricsFile.Row;
import dev.rewind.examples.charrnn.model.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
  private static final String HEADER = "iteration,epoch,train_loss,validation_loss,"
      + "gradient_norm,learning_rate,chars_per_second,seconds";

  private @TempDir Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("metrics.csv");
  }

  private static Row row(int iteration, OptionalDouble validation) {
    return new Row(iteration, 1, 4.25, validation, 0.5, 0.002, 151_234.5, 0.12345);
  }

  private void write(int from, int to) {
    try (MetricsFile file = MetricsFile.resume(path, from - 1)) {
      for (int i = from; i <= to; i++) {
        file.append(row(i, OptionalDouble.empty()));
      }
    }
  }

  @Test
  void aRowIsOnDiskOnceAppended() throws IOException {
    try (MetricsFile file = MetricsFile.resume(path, 0)) {
      assertThat(path).hasContent(HEADER);
      file.append(row(1, OptionalDouble.empty()));
      assertThat(Files.readString(path)).isEqualTo(HEADER + "\n1,1,4.25,,0.5,0.002,151235,0.123\n");
      file.append(row(2, OptionalDouble.of(1.5)));
      assertThat(path).content().endsWith("\n2,1,4.25,1.5,0.5,0.002,151235,0.123\n");
    }
  }

  @Test
  void numbersDoNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(
          new Row(1_234_567, 2, 1e-5, OptionalDouble.of(Double.NaN), Double.POSITIVE_INFINITY, 0.1f, 0, 1e6).line())
          .isEqualTo("1234567,2,1.0E-5,NaN,Infinity,0.1,0,1000000.000");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aResumedFileEqualsAnUninterruptedOne() throws IOException {
    write(1, 7);
    String whole = Files.readString(path);
    write(5, 7);
    assertThat(path).content().isEqualTo(whole);
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void resumingDropsLaterRowsAndATornOne() throws IOException {
    write(1, 3);
    Files.writeString(path, Files.readString(path) + "4,1,4.2"); // the machine stopped here
    MetricsFile.resume(path, 9).close();
    assertThat(path).content().endsWith("\n3,1,4.25,,0.5,0.002,151235,0.123\n");
    MetricsFile.resume(path, 0).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void resumingWithoutAFileBeginsOne() {
    MetricsFile.resume(path, 5).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void aHeaderThatWasTornIsWrittenAnew() throws IOException {
    for (int length : new int[] {0, 9, HEADER.length()}) {
      Files.writeString(path, HEADER.substring(0, length));
      MetricsFile.resume(path, 5).close();
      assertThat(path).content().isEqualTo(HEADER + "\n");
    }
  }

  @Test
  void oneRunAtATimeWrites() throws IOException {
    try (MetricsFile file = MetricsFile.resume(path, 0)) {
      file.append(row(1, OptionalDouble.empty()));
      assertThatThrownBy(() -> MetricsFile.resume(path, 0)).isInstanceOf(UserError.class)
          .hasMessageStartingWith(path + ": another training is writing to it");
      file.append(row(2, OptionalDouble.empty()));
    }
    assertThat(Files.readAllLines(path)).hasSize(3);
    MetricsFile.resume(path, 1).close();
    assertThat(Files.readAllLines(path)).hasSize(2);
  }

  @Test
  void startingAnewDropsTheRowsOfAnEarlierRun() {
    write(1, 3);
    MetricsFile.resume(path, 0).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void refusesAnotherKindOfFileAndLeavesItAlone() throws IOException {
    Files.writeString(path, "a,b\n1,2\n");
    assertThatThrownBy(() -> MetricsFile.resume(path, 1)).isInstanceOf(UserError.class)
        .hasMessage(path + ": does not begin with '" + HEADER + "'");
    Files.writeString(path, HEADER + "\n1,2\nx,3\n");
    assertThatThrownBy(() -> MetricsFile.resume(path, 1)).isInstanceOf(UserError.class)
        .hasMessage(path + ": line 3 does not begin with an iteration: 'x,3'");
    assertThat(path).content().isEqualTo(HEADER + "\n1,2\nx,3\n");
  }

  @Test
  void refusesAPlaceThatCannotBeWritten() throws IOException {
    Path missing = folder.resolve("none").resolve("metrics.csv");
    assertThatThrownBy(() -> MetricsFile.resume(missing, 0)).isInstanceOf(UserError.class)
        .hasMessage(missing + ": no such file or directory");
    Files.createDirectory(path);
    Files.createFile(path.resolve("inside"));
    assertThatThrownBy(() -> MetricsFile.resume(path, 0)).isInstanceOf(UserError.class)
        .hasMessageStartingWith(path + ": ");
  }
}

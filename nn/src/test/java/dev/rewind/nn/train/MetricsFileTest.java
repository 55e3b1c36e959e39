package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
  private static final List<String> COLUMNS = List.of("iteration", "train_loss", "validation_loss");
  private static final String HEADER = "iteration,train_loss,validation_loss";

  private @TempDir Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("metrics.csv");
  }

  private static List<String> row(int iteration, double validation) {
    return List.of(Integer.toString(iteration), MetricsFile.number(4.25), MetricsFile.number(validation));
  }

  private MetricsFile resume(int iteration) throws IOException {
    return MetricsFile.resume(path, COLUMNS, iteration);
  }

  private void write(int from, int to) throws IOException {
    try (MetricsFile file = resume(from - 1)) {
      for (int i = from; i <= to; i++) {
        file.append(row(i, Double.NaN));
      }
    }
  }

  @Test
  void aRowIsOnDiskOnceAppended() throws IOException {
    try (MetricsFile file = resume(0)) {
      assertThat(path).hasContent(HEADER);
      file.append(row(1, Double.NaN));
      assertThat(Files.readString(path)).isEqualTo(HEADER + "\n1,4.25,\n");
      file.append(row(2, 1.5));
      assertThat(path).content().endsWith("\n2,4.25,1.5\n");
    }
  }

  @Test
  void numbersDoNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(Stream.of(1e-5, Double.NaN, Double.POSITIVE_INFINITY, (double) 0.1f, -1e6).map(MetricsFile::number))
          .containsExactly("1.0E-5", "", "Infinity", "0.1", "-1000000.0");
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
    Files.writeString(path, Files.readString(path) + "4,4.2"); // the machine stopped here
    resume(9).close();
    assertThat(path).content().endsWith("\n3,4.25,\n");
    resume(0).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void resumingWithoutAFileBeginsOne() throws IOException {
    resume(5).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void aHeaderThatWasTornIsWrittenAnew() throws IOException {
    for (int length : new int[] {0, 9, HEADER.length()}) {
      Files.writeString(path, HEADER.substring(0, length));
      resume(5).close();
      assertThat(path).content().isEqualTo(HEADER + "\n");
    }
  }

  @Test
  void anInterruptDoesNotCloseIt() throws IOException {
    try (MetricsFile file = resume(0)) {
      Thread.currentThread().interrupt();
      file.append(row(1, 2));
      assertThat(Thread.interrupted()).isTrue();
      file.append(row(2, 2));
    }
    assertThat(Files.readAllLines(path)).hasSize(3);
  }

  @Test
  void oneRunAtATimeWrites() throws IOException {
    try (MetricsFile file = resume(0)) {
      file.append(row(1, Double.NaN));
      assertThatThrownBy(() -> resume(0)).isInstanceOf(FileSystemException.class)
          .hasMessageStartingWith(path + ": another training is writing to it");
      file.append(row(2, Double.NaN));
    }
    assertThat(Files.readAllLines(path)).hasSize(3);
    resume(1).close();
    assertThat(Files.readAllLines(path)).hasSize(2);
  }

  @Test
  void startingAnewDropsTheRowsOfAnEarlierRun() throws IOException {
    write(1, 3);
    resume(0).close();
    assertThat(path).hasContent(HEADER);
  }

  @Test
  void refusesAnotherKindOfFileAndLeavesItAlone() throws IOException {
    Files.writeString(path, "a,b\n1,2\n");
    assertThatThrownBy(() -> resume(1)).isInstanceOf(FileSystemException.class)
        .hasMessage(path + ": does not begin with '" + HEADER
            + "'; resume with the same metrics, or choose another folder");
    Files.writeString(path, HEADER + "\n1,2\nx,3\n");
    assertThatThrownBy(() -> resume(1)).isInstanceOf(FileSystemException.class)
        .hasMessage(path + ": line 3 does not begin with an iteration: 'x,3'");
    assertThat(path).content().isEqualTo(HEADER + "\n1,2\nx,3\n");
  }

  @Test
  void refusesAPlaceThatCannotBeWritten() throws IOException {
    Path missing = folder.resolve("none").resolve("metrics.csv");
    assertThatThrownBy(() -> MetricsFile.resume(missing, COLUMNS, 0)).isInstanceOf(NoSuchFileException.class);
    Files.createDirectory(path);
    Files.createFile(path.resolve("inside"));
    assertThatThrownBy(() -> resume(0)).isInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(path + ": ");
  }

  @Test
  void goesOnWithColumnsThatAreNotAscii() throws IOException {
    List<String> columns = List.of("iteration", "pr\u00e9cision");
    for (int i = 0; i < 2; i++) {
      try (MetricsFile file = MetricsFile.resume(path, columns, i)) {
        file.append(List.of(Integer.toString(i + 1), "0.5"));
      }
    }
    assertThat(Files.readAllLines(path)).containsExactly("iteration,pr\u00e9cision", "1,0.5", "2,0.5");
  }
}

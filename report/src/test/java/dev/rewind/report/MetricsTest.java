package dev.rewind.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {
  @TempDir
  private Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("metrics.csv"), content);
  }

  @Test
  void columnsAreNumbersAndBlanksAreNone() throws IOException {
    Metrics read = Metrics.read(file("iteration,train_loss,accuracy\n1,4.5,\n2,3e-1,0.25\n3,1."));
    assertThat(read.names()).containsExactly("iteration", "train_loss", "accuracy");
    assertThat(read.column("train_loss")).containsExactly(4.5, 0.3);
    assertThat(read.column("accuracy")).containsExactly(Double.NaN, 0.25);
    assertThatThrownBy(() -> read.column("loss")).hasMessageContaining("no column 'loss', but [iteration, train_loss");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"''|no header", "'\n'|no header", "'iteration,loss'|no header",
      "'iteration,loss\n1,2\nx,3\n'|line 3 is not 2 numbers, the iteration first: 'x,3'",
      "'iteration,loss\n1\n'|line 2", "'iteration,loss\n,2\n'|line 2", "'iteration,loss\n1,2,3\n'|line 2"})
  void otherFilesAreRefused(String content, String reason) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> Metrics.read(file)).isInstanceOf(FileSystemException.class)
        .hasMessageContaining("is not a metrics file").hasMessageContaining(reason);
  }

  @Test
  void aReportNeedsItsFile() {
    assertThatThrownBy(() -> TrainingReport.of(folder.resolve("none.csv"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aReportOfAnyTrainingHasItsColumns() throws IOException {
    String page = TrainingReport
        .of(file("step,train_loss,valid_loss,word_error,epoch\n1,4.5,,,1\n2,3.5,4,0.9,1\n3,3,5,,2\n"))
        .html();
    assertThat(page).contains("<dt>step</dt><dd>3</dd>", "<dt>lowest valid loss</dt><dd>4</dd>",
        "<dt>word error</dt><dd>0.9</dd>", "aria-label=\"word error: ",
        "aria-label=\"Loss by step: train loss from 4.5 to 3")
        .doesNotContain("id=\"chart-4\"").doesNotContain(folder.toString());
    assertThat(TrainingReport.of(file("iteration,train_loss\n")).html()).contains("nothing was trained yet");
    assertThat(TrainingReport.of(file("iteration,train_loss\n7,\n")).html()).doesNotContain("<figure");
    assertThat(TrainingReport.of(file("iteration,train_loss\n7,1.5\n")).html())
        .contains("train loss from 1.5 to 1.5")
        .doesNotContain("NaN");
  }
}

package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordVectorsTest {
  private static final List<String> WORDS = List.of("cat", "dog", ". .", "naïve");

  @TempDir
  Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("vectors.txt"), text);
  }

  private static Tensor table() {
    return Tensor.full(DType.FLOAT32, 9, 4, 2);
  }

  @Test
  void rowsOfWordsInTheFileAreWrittenAndOthersStay() throws IOException {
    Tensor expected = Tensor.of(new float[][] {{1, -0.5f}, {9, 9}, {2, 3}, {1e-3f, 4}});
    for (String text : List.of("the 0 0\ncat 1 -0.5\n. . 2 3\nnaïve 1e-3 4\ncat 7 7",
        "5 2\nthe 0 0 \ncat 1 -0.5 \n. . 2 3 \nnaïve 1e-3 4 \ncat 7 7 \n\n",
        "the\t0\t0\r\ncat\t1\t-0.5\r\n. . 2 3\r\nnaïve 1e-3 4\r\n")) {
      Tensor table = table();
      assertThat(WordVectors.read(file(text), WORDS, table)).isEqualTo(3);
      assertThat(table).isEqualTo(expected);
    }
    Tensor doubles = table().to(DType.FLOAT64);
    assertThat(WordVectors.read(file("cat 0.1 0.2"), WORDS, doubles)).isEqualTo(1);
    assertThat(doubles.select(0, 0)).isEqualTo(Tensor.of(new double[] {0.1, 0.2}));
    assertThat(WordVectors.read(file(""), WORDS, doubles)).isZero();
  }

  @Test
  void bytesThatAreNotUtf8DoNotStopIt() throws IOException {
    Path file = Files.write(folder.resolve("latin.txt"), "naïve 1 2\ndog 3 4\n".getBytes(StandardCharsets.ISO_8859_1));
    Tensor table = table();
    assertThat(WordVectors.read(file, WORDS, table)).isEqualTo(1);
    assertThat(table.select(0, 1)).isEqualTo(Tensor.of(new float[] {3, 4}));
  }

  private void refuses(String text, String message) throws IOException {
    Path file = file(text);
    assertThatExceptionOfType(TensorFileException.class).isThrownBy(() -> WordVectors.read(file, WORDS, table()))
        .withMessageStartingWith(file + ", " + message);
  }

  @Test
  void aFaultIsNamedWithItsLine() throws IOException {
    String fields = "wants a word and 2 numbers, as many as the table has columns, not ";
    refuses("the 0 0\ncat 1\n", "line 2: " + fields + "2 fields");
    refuses("the 0 0 0\n", "line 1: " + fields + "4 fields");
    refuses("400000 3\nthe 0 0 0\n", "line 1: " + fields + "2 fields");
    refuses("the 0 0\n\ncat 1 x", "line 3: For input string: \"x\"");
    refuses("the 0 0\ncat 1 NaN", "line 2: number 2 is not finite");
    refuses("the 0 0\n" + "x".repeat(2_000_000),
        "line 2: is longer than 1048576 characters; this is not a file of word");
  }

  @Test
  void wordsAndTableMustFit() throws IOException {
    Path file = file("cat 1 2");
    assertThatIllegalArgumentException().isThrownBy(() -> WordVectors.read(file, List.of("cat"), table()))
        .withMessage("word vectors: 1 words want a floating table [1, size], not FLOAT32 [4, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WordVectors.read(file, List.of("a", "b", "a", "c"), table()))
        .withMessage("word vectors: 'a' is wanted twice");
  }
}

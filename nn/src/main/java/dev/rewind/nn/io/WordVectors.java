package dev.rewind.nn.io;

import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.LineNumberReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Text files of word vectors, as GloVe (Pennington et al. 2014) and word2vec (Mikolov et al. 2013) write them: a word
/// and its numbers on each line, and with word2vec a first line of how many words and numbers there are.
///
/// ```java
/// Tensor table = Init.normal(Rng.of(1), 0.1, words.size(), 100);   // for words that are not in the file
/// WordVectors.read(Path.of("glove.6B.100d.txt"), words, table);
/// Embedding embedding = Embedding.of(table);
/// ```
public final class WordVectors {
  private static final int LONGEST = 1 << 20; // characters of a line

  private WordVectors() {}

  /// Writes the vectors of words into the rows of a table; other rows stay. Of a word that comes twice in the file the
  /// first counts; bytes that are not UTF-8 become U+FFFD; a word may have spaces. If the file is not as it should be,
  /// rows may have been written.
  ///
  /// @param words those wanted, in the order of the rows
  /// @param table FLOAT32 or FLOAT64 `[words, size]`
  /// @return how many of them are in the file
  /// @throws TensorFileException naming the file, the line and what is wrong with it
  /// @throws ShapeException if the table has not as many rows as there are words
  public static int read(Path file, List<String> words, Tensor table) throws IOException {
    if (table.rank() != 2 || table.size(0) != words.size() || !table.dtype().isFloating()) {
      throw new ShapeException("word vectors: " + words.size() + " words want a floating table [" + words.size()
          + ", size], not " + table.dtype() + " " + table.shape());
    }
    Map<String, Integer> wanted = new HashMap<>();
    for (int row = 0; row < words.size(); row++) {
      if (wanted.put(words.get(row), row) != null) {
        throw new IllegalArgumentException("word vectors: '" + words.get(row) + "' is wanted twice");
      }
    }
    try (LineNumberReader text = new LineNumberReader(
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      boolean begins = true;
      for (String line = line(text, file); line != null; line = line(text, file)) {
        String content = line;
        boolean first = begins;
        begins = TensorFileException.naming(file + ", line " + text.getLineNumber(),
            () -> readLine(content, first, wanted, table));
      }
    }
    return words.size() - wanted.size();
  }

  /// The next line, or null.
  private static String line(LineNumberReader text, Path file) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = text.read();
    for (; next >= 0 && next != '\n'; next = text.read()) {
      if (line.length() == LONGEST) {
        throw new TensorFileException(file + ", line " + (text.getLineNumber() + 1) + ": is longer than " + LONGEST
            + " characters; this is not a file of word vectors");
      }
      line.append((char) next);
    }
    return next < 0 && line.isEmpty() ? null : line.toString();
  }

  /// Puts the vector of a line where it belongs, and says whether the next line is still the first vector.
  private static boolean readLine(String line, boolean first, Map<String, Integer> wanted, Tensor table) {
    int size = table.size(1);
    String[] fields = line.strip().split("[ \t]+");
    boolean header = first && fields.length == 2 && fields[0].matches("\\d+") && fields[1].equals("" + size);
    if (line.isBlank() || header) {
      return first;
    }
    if (first ? fields.length != size + 1 : fields.length <= size) {
      throw new IllegalArgumentException("wants a word and " + size + " numbers, as many as the table has columns, not "
          + fields.length + " fields");
    }
    Integer row = wanted.remove(String.join(" ", List.of(fields).subList(0, fields.length - size)));
    if (row != null) {
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = Double.parseDouble(fields[fields.length - size + i]);
        if (!Double.isFinite(values[i])) {
          throw new IllegalArgumentException("number " + (i + 1) + " is not finite");
        }
      }
      table.select(0, row).assign(Tensor.wrap(values, size).to(table.dtype()));
    }
    return false;
  }
}

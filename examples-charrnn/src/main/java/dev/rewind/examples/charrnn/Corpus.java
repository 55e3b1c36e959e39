package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The text that is trained on when the user names none. It comes with the program, so nothing need be downloaded to
/// see something written.
public final class Corpus {
  /// What the text is.
  public static final String TITLE = "The Old Curiosity Shop, by Charles Dickens";
  /// The Maven artifact that the file was taken from, as `group:artifact:version`.
  public static final String ORIGIN = "org.apache.crunch:crunch-test:0.15.0";
  /// The licence of that artifact, as SPDX writes it. Its LICENSE and NOTICE lie beside the text. (The novel itself, of
  /// 1841, is in the public domain.)
  public static final String LICENCE = "Apache-2.0";

  private static final String RESOURCE = "/corpus/dickens.txt";

  private Corpus() {}

  /// The code points of the text, about 1.2 million.
  public static int[] read() {
    try (InputStream in = Corpus.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path: the build puts it there");
      }
      return Texts.decode(in.readAllBytes(), StandardCharsets.UTF_8, RESOURCE);
    } catch (IOException e) {
      throw UserError.of(RESOURCE, e);
    }
  }
}

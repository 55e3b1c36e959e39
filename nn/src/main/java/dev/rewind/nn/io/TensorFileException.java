package dev.rewind.nn.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.zip.ZipException;

/// A file that is not what it should be; the message names the file, the tensor or the place, and what was expected.
public final class TensorFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A fault in words.
  public TensorFileException(String message) {
    super(message);
  }

  private TensorFileException(String message, Throwable cause) {
    super(message, cause);
  }

  /// What reads a file, or a part of one.
  @FunctionalInterface
  interface Reader<T> {
    T read() throws IOException;
  }

  /// Says of what is wrong with the content where it is.
  static <T> T naming(String where, Reader<T> reader) throws IOException {
    try {
      return reader.read();
    } catch (JsonProcessingException e) {
      throw new TensorFileException(where + ": " + e.getOriginalMessage(), e);
    } catch (CharacterCodingException e) {
      throw new TensorFileException(where + ": it is not UTF-8", e);
    } catch (IllegalArgumentException | TensorFileException | EOFException | ZipException e) {
      String reason = e.getMessage() == null ? "it ends too soon" : e.getMessage(); // as inflating says nothing
      throw new TensorFileException(where + ": " + reason, e);
    } catch (InternalError e) { // what the Java library throws for mapped bytes that are no longer there
      throw new TensorFileException(where + ": the file changed while it was read", e);
    }
  }
}

package dev.rewind.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The front of a safetensors file: eight bytes with the length of a JSON object, then that object, which names dtype,
/// shape and place of every tensor in the bytes that follow.
///
/// @param entries in the order of the header
/// @param metadata the texts under `__metadata__`
/// @param dataOffset where the bytes of the tensors begin
record Header(List<Entry> entries, Map<String, String> metadata, long dataOffset) {
  private static final int LENGTH_BYTES = 8;
  private static final int LONGEST = 100_000_000; // the reference implementation's
  private static final String METADATA = "__metadata__";
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(
          StreamReadConstraints.builder().maxNameLength(LONGEST).maxStringLength(LONGEST).build())
      .build();

  /// Dtype, shape and place of a tensor.
  ///
  /// @param begin the first byte, counted from the first tensor's
  /// @param end the byte behind the last
  record Entry(String name, String dtype, int[] shape, long begin, long end) {}

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// @throws IllegalArgumentException if a name or a text could not be read back
  static Header of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<Entry> entries = new ArrayList<>();
    long at = 0;
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      requireText("the tensor name", named.getKey(), named.getKey());
      if (named.getKey().equals(METADATA)) {
        throw new IllegalArgumentException(
            "a tensor cannot be called " + METADATA + ", the key of the metadata; rename it");
      }
      Tensor tensor = named.getValue();
      long end = at + (long) tensor.elements() * TensorBytes.size(tensor.dtype());
      entries.add(new Entry(named.getKey(), TensorBytes.label(tensor.dtype()), tensor.shape().sizes(), at, end));
      at = end;
    }
    metadata.forEach((name, text) -> {
      requireText("the metadata key", name, name);
      requireText("the metadata under", name, text);
    });
    return new Header(entries, metadata, 0);
  }

  /// Refuses what UTF-8 has no bytes for: half of a surrogate pair.
  private static void requireText(String what, String name, String text) {
    if (text == null || text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException(
          what + " '" + name + "' is " + (text == null ? "null" : "not valid text: it has an unpaired surrogate"));
    }
  }

  void write(FileChannel channel) throws IOException {
    byte[] json = json();
    int padded = (json.length + 7) / 8 * 8; // spaces, so that the tensors are aligned
    if (padded > LONGEST) {
      throw new IllegalArgumentException(
          "names and metadata take " + padded + " bytes; a safetensors header has at most " + LONGEST);
    }
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(json);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ' ');
    }
    TensorBytes.writeFully(channel, buffer.flip());
  }

  private byte[] json() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> text : metadata.entrySet()) {
          out.writeStringField(text.getKey(), text.getValue());
        }
        out.writeEndObject();
      }
      for (Entry entry : entries) {
        out.writeObjectFieldStart(entry.name);
        out.writeStringField("dtype", entry.dtype);
        out.writeFieldName("shape");
        out.writeArray(entry.shape, 0, entry.shape.length);
        out.writeFieldName("data_offsets");
        out.writeArray(new long[] {entry.begin, entry.end}, 0, 2);
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  static Header read(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new TensorFileException(path + ": " + size + " bytes are too few for a safetensors file");
    }
    long length = TensorBytes.readFully(path, channel, 0, LENGTH_BYTES).getLong();
    if (length < 2 || length > LONGEST || length > size - LENGTH_BYTES) {
      throw new TensorFileException(path + ": not a safetensors file, or truncated: a header of "
          + Long.toUnsignedString(length) + " bytes is announced at offset 0 of " + size + " bytes");
    }
    ByteBuffer json = TensorBytes.readFully(path, channel, LENGTH_BYTES, (int) length);
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser in = parser(json)) {
      expect(in, in.nextToken(), JsonToken.START_OBJECT);
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        if (name.equals(METADATA)) {
          readMetadata(in, metadata);
        } else {
          entries.add(readEntry(in, name));
        }
      }
      expect(in, in.currentToken(), JsonToken.END_OBJECT);
      expect(in, in.nextToken(), null);
    } catch (JsonProcessingException | CharacterCodingException | IllegalArgumentException e) {
      String reason = switch (e) {
        case JsonProcessingException broken -> broken.getOriginalMessage();
        case CharacterCodingException broken -> "it is not UTF-8";
        default -> e.getMessage();
      };
      throw new TensorFileException(path + ": its header at offset 8 is not valid: " + reason);
    }
    Header header = new Header(entries, metadata, LENGTH_BYTES + length);
    header.requireWhole(path, size - header.dataOffset);
    return header;
  }

  /// Reads text that was decoded strictly, since Jackson itself would take a byte order mark and guess other encodings.
  private static JsonParser parser(ByteBuffer json) throws IOException {
    CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(json);
    return JSON.createParser(text.array(), 0, text.length());
  }

  private static void expect(JsonParser in, JsonToken found, JsonToken wanted) {
    if (found != wanted) {
      throw new IllegalArgumentException("wanted " + wanted + ", found " + found + " at character "
          + in.currentTokenLocation().getCharOffset());
    }
  }

  private static void readMetadata(JsonParser in, Map<String, String> metadata) throws IOException {
    if (in.nextToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(in, in.currentToken(), JsonToken.START_OBJECT);
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      requireText("the metadata key", name, name);
      expect(in, in.nextToken(), JsonToken.VALUE_STRING);
      requireText("the metadata under", name, in.getText());
      metadata.put(name, in.getText());
    }
  }

  private static Entry readEntry(JsonParser in, String name) throws IOException {
    requireText("the tensor name", name, name);
    expect(in, in.nextToken(), JsonToken.START_OBJECT);
    String dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      switch (in.currentName()) {
        case "dtype" -> {
          expect(in, in.nextToken(), JsonToken.VALUE_STRING);
          dtype = in.getText();
        }
        case "shape" -> shape = readNumbers(in);
        case "data_offsets" -> offsets = readNumbers(in);
        default -> { // not of the format, and skipped by the reference implementation
          in.nextToken();
          in.skipChildren();
        }
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw new IllegalArgumentException("tensor " + name + " lacks dtype, shape or two data_offsets");
    }
    return new Entry(name, dtype, TensorBytes.checkedShape(name, dtype, shape, offsets), offsets[0], offsets[1]);
  }

  private static long[] readNumbers(JsonParser in) throws IOException {
    expect(in, in.nextToken(), JsonToken.START_ARRAY);
    long[] numbers = new long[8];
    int count = 0;
    while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
      numbers[count++] = in.getLongValue();
    }
    expect(in, in.currentToken(), JsonToken.END_ARRAY);
    return Arrays.copyOf(numbers, count);
  }

  /// Checks that the tensors fill the file without gaps or overlaps.
  private void requireWhole(Path path, long bytes) throws TensorFileException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : sorted) {
      if (entry.begin != at) {
        throw new TensorFileException(path + ": tensor " + entry.name + " begins at byte " + entry.begin
            + " of the data, wanted " + at);
      }
      at = entry.end;
    }
    if (at != bytes) {
      throw new TensorFileException(
          path + ": its tensors need " + at + " bytes from offset " + dataOffset + ", there are "
              + bytes + (bytes < at ? "; the file is truncated" : ""));
    }
  }
}

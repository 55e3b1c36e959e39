package dev.rewind.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  static final String WEIGHT_MAP = "weight_map";
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(
          StreamReadConstraints.builder().maxNameLength(LONGEST).maxStringLength(LONGEST).build())
      .build();

  /// Dtype, shape and place of a tensor.
  ///
  /// @param begin the first byte, counted from the first tensor's
  /// @param end the byte behind the last
  record Entry(String name, Element element, List<Long> shape, long begin, long end) {
    /// Checks that they account for the bytes.
    Entry {
      try {
        long bytes = element.bytes(shape);
        if (begin < 0 || end - begin != bytes) {
          throw new IllegalArgumentException("it has data_offsets " + begin + " to " + end + " for " + bytes
              + " bytes of " + element + " " + shape);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage(), e);
      }
    }
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// @throws IllegalArgumentException if a name or a text could not be read back
  static Header of(Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    List<Entry> entries = new ArrayList<>();
    long at = 0;
    for (Map.Entry<String, StoredTensor> named : tensors.entrySet()) {
      requireText("the tensor name", named.getKey(), named.getKey());
      if (named.getKey().equals(METADATA)) {
        throw new IllegalArgumentException(
            "a tensor cannot be called " + METADATA + ", the key of the metadata; rename it");
      }
      Element element = Element.of(Element.of(named.getValue().dtype()).dtype());
      long end = at + element.bytes(named.getValue().shape());
      entries.add(new Entry(named.getKey(), element, named.getValue().shape(), at, end));
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
    Element.writeFully(channel, buffer.flip());
  }

  private byte[] json() throws IOException {
    return json(out -> {
      if (!metadata.isEmpty()) {
        writeTexts(out, METADATA, metadata);
      }
      for (Entry entry : entries) {
        out.writeObjectFieldStart(entry.name);
        out.writeStringField("dtype", entry.element.name());
        write(out, "shape", entry.shape);
        write(out, "data_offsets", List.of(entry.begin, entry.end));
        out.writeEndObject();
      }
    });
  }

  /// The index of files that hold a model together: which tensor is in which.
  static byte[] index(Map<String, String> shards, long bytes) throws IOException {
    return json(out -> {
      out.writeObjectFieldStart("metadata");
      out.writeNumberField("total_size", bytes);
      out.writeEndObject();
      writeTexts(out, WEIGHT_MAP, shards);
    });
  }

  /// What writes the fields of an object.
  private interface Fields {
    void write(JsonGenerator out) throws IOException;
  }

  private static byte[] json(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeTexts(JsonGenerator out, String name, Map<String, String> texts) throws IOException {
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      out.writeStringField(text.getKey(), text.getValue());
    }
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, String name, List<Long> numbers) throws IOException {
    out.writeFieldName(name);
    out.writeArray(numbers.stream().mapToLong(number -> number).toArray(), 0, numbers.size());
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /// @throws IllegalArgumentException if it is not well-formed, as are the errors of JSON and UTF-8
  static Header read(MemorySegment file) throws IOException {
    long size = file.byteSize();
    if (size < LENGTH_BYTES) {
      throw new IllegalArgumentException(size + " bytes are too few for a safetensors file");
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > LONGEST || length > size - LENGTH_BYTES) {
      throw new IllegalArgumentException("not a safetensors file, or truncated: a header of "
          + Long.toUnsignedString(length) + " bytes is announced at offset 0 of " + size + " bytes");
    }
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    TensorFileException.naming("its header at offset 8 is not valid", () -> {
      readObject(file.asSlice(LENGTH_BYTES, length).asByteBuffer(), (name, in) -> {
        if (name.equals(METADATA)) {
          metadata.putAll(readTexts(in));
        } else {
          entries.add(readEntry(in, name));
        }
      });
      return null;
    });
    Header header = new Header(entries, metadata, LENGTH_BYTES + length);
    header.requireWhole(size - header.dataOffset);
    return header;
  }

  /// What reads the value of a field.
  interface Field {
    void read(String name, JsonParser in) throws IOException;
  }

  /// Reads an object, and nothing behind it. The text is decoded strictly, since Jackson itself would take a byte order
  /// mark and guess other encodings.
  static void readObject(ByteBuffer json, Field field) throws IOException {
    CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(json);
    try (JsonParser in = JSON.createParser(text.array(), 0, text.length())) {
      in.nextToken();
      readFields(in, field);
      expect(in, in.nextToken(), null);
    }
  }

  private static void readFields(JsonParser in, Field field) throws IOException {
    expect(in, in.currentToken(), JsonToken.START_OBJECT);
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      field.read(name, in);
    }
    expect(in, in.currentToken(), JsonToken.END_OBJECT);
  }

  private static void expect(JsonParser in, JsonToken found, JsonToken wanted) {
    if (found != wanted) {
      throw new IllegalArgumentException("wanted " + wanted + ", found " + found + " at character "
          + in.currentTokenLocation().getCharOffset());
    }
  }

  /// Texts by name; null is none.
  static Map<String, String> readTexts(JsonParser in) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    if (in.currentToken() != JsonToken.VALUE_NULL) {
      readFields(in, (name, value) -> {
        requireText("the metadata key", name, name);
        requireText("the metadata under", name, readText(value));
        texts.put(name, value.getText());
      });
    }
    return texts;
  }

  private static String readText(JsonParser in) throws IOException {
    expect(in, in.currentToken(), JsonToken.VALUE_STRING);
    return in.getText();
  }

  private static Entry readEntry(JsonParser in, String name) throws IOException {
    requireText("the tensor name", name, name);
    String[] dtype = new String[1];
    Map<String, List<Long>> numbers = new LinkedHashMap<>();
    readFields(in, (key, value) -> {
      switch (key) {
        case "dtype" -> dtype[0] = readText(value);
        case "shape", "data_offsets" -> numbers.put(key, readNumbers(value));
        default -> value.skipChildren(); // not of the format, and skipped by the reference implementation
      }
    });
    List<Long> offsets = numbers.getOrDefault("data_offsets", List.of());
    if (dtype[0] == null || !numbers.containsKey("shape") || offsets.size() != 2) {
      throw new IllegalArgumentException("tensor " + name + " lacks dtype, shape or two data_offsets");
    }
    return new Entry(name, Element.of(dtype[0]), numbers.get("shape"), offsets.get(0), offsets.get(1));
  }

  private static List<Long> readNumbers(JsonParser in) throws IOException {
    expect(in, in.currentToken(), JsonToken.START_ARRAY);
    List<Long> numbers = new ArrayList<>();
    while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      numbers.add(in.getLongValue());
    }
    expect(in, in.currentToken(), JsonToken.END_ARRAY);
    return numbers;
  }

  /// Checks that the tensors fill the file without gaps or overlaps.
  private void requireWhole(long bytes) {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : sorted) {
      if (entry.begin != at) {
        throw new IllegalArgumentException("tensor " + entry.name + " begins at byte " + entry.begin
            + " of the data, wanted " + at);
      }
      at = entry.end;
    }
    if (at != bytes) {
      throw new IllegalArgumentException("its tensors need " + at + " bytes from offset " + dataOffset + ", there are "
          + bytes + (bytes < at ? "; the file is truncated" : ""));
    }
  }
}

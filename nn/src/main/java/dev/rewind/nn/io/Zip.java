package dev.rewind.nn.io;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// A zip file from a stranger: names come once, no bytes belong to two entries, none unpacks to far more than it holds,
/// and what is read is what the checksums say.
final class Zip implements Closeable {
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final int DEFLATE_MOST = 1032; // to one, by the format of a deflated block
  private static final int USUAL_MOST = 100;
  private static final long SMALL = 1L << 28;

  private final ZipFile file;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

  Zip(Path path) throws IOException {
    file = new ZipFile(path.toFile());
    try {
      long packed = 0;
      for (ZipEntry entry : Collections.list(file.entries())) {
        if (entries.put(entry.getName(), entry) != null) {
          throw new ZipException("it has two entries " + entry.getName());
        }
        packed += entry.getCompressedSize();
        requireUsual(entry);
      }
      if (packed > path.toFile().length()) {
        throw new ZipException("its entries take " + packed + " bytes, the file has " + path.toFile().length());
      }
    } catch (IOException | RuntimeException e) {
      try (file) {
        throw e;
      }
    }
  }

  private static void requireUsual(ZipEntry entry) throws ZipException {
    long size = entry.getSize();
    long packed = entry.getCompressedSize();
    if (size < 0 || packed < 0 || size > DEFLATE_MOST * packed + 64 || size > Math.max(SMALL, USUAL_MOST * packed)) {
      throw new ZipException("entry " + entry.getName() + " says that " + packed + " bytes unpack to " + size
          + ", which is refused");
    }
  }

  Map<String, ZipEntry> entries() {
    return entries;
  }

  /// Reads from an entry.
  interface Reader<T> {
    T read(Element.Bytes bytes) throws IOException;
  }

  /// Reads the beginning of an entry.
  <T> T begin(ZipEntry entry, Reader<T> reader) throws IOException {
    try (InputStream in = file.getInputStream(entry)) {
      return reader.read(Element.bytes(in));
    }
  }

  /// Reads an entry to its end, and checks it.
  <T> T read(ZipEntry entry, Reader<T> reader) throws IOException {
    CRC32 sum = new CRC32();
    try (InputStream in = new CheckedInputStream(file.getInputStream(entry), sum)) {
      T read = reader.read(Element.bytes(in));
      if (in.read() >= 0) {
        throw new ZipException("it has more bytes than its elements");
      }
      if (sum.getValue() != entry.getCrc()) {
        throw new ZipException("its bytes do not have the checksum that the zip file says; they are damaged");
      }
      return read;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// Writes the content of an entry.
  interface Writer {
    void write(WritableByteChannel channel) throws IOException;
  }

  /// Writes a zip file and leaves the channel open.
  static ZipOutputStream over(WritableByteChannel channel) {
    return new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)) {
      @Override
      public void close() throws IOException {
        flush();
      }
    });
  }

  /// Adds an entry. One that is not compressed is written twice, the first time for its checksum.
  static void add(ZipOutputStream out, String name, boolean compressed, Writer content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(EPOCH); // equal content gives equal bytes
    if (!compressed) {
      long[] size = {0};
      CRC32 sum = new CRC32();
      content.write(Channels.newChannel(new CheckedOutputStream(OutputStream.nullOutputStream(), sum) {
        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          super.write(bytes, from, count);
          size[0] += count;
        }
      }));
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(size[0]);
      entry.setCrc(sum.getValue());
    }
    out.putNextEntry(entry);
    content.write(Channels.newChannel(out)); // left open, since closing it would close the zip file
    out.closeEntry();
  }
}

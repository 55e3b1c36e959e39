package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Ten thousand damaged or hostile files of each kind. Each is refused by the one documented exception, which names the
/// file, or is a well-formed file of another content, whose tensors are no larger than it.
class MutatedFilesTest {
  private static final int FILES = 10_000;

  @TempDir
  Path directory;

  private enum Kind {
    SAFETENSORS, INDEX, NPY, NPZ, TORCH;

    boolean isZip() {
      return this == NPZ || this == TORCH;
    }
  }

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("lstm.weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("steps", Tensor.of(new int[] {7, 8}));
    tensors.put("mask", Tensor.of(new boolean[] {true, false, true}));
    tensors.put("double", Tensor.zeros(DType.FLOAT64, 2, 1, 2));
    return tensors;
  }

  private Path original(Kind kind) throws IOException {
    Map<String, Tensor> all = kind == Kind.NPY ? Map.of("one", Tensor.zeros(DType.FLOAT32, 2, 3)) : tensors();
    Map<String, String> texts = kind == Kind.SAFETENSORS ? Map.of("k", "v") : Map.of();
    Path file = directory.resolve(kind.name());
    if (kind == Kind.INDEX) {
      new TensorFile(all, texts).write(directory.resolve("1.safetensors"));
      return Files.writeString(file,
          "{\"metadata\":{\"total_size\":60},\"weight_map\":{\"lstm.weight\":\"1.safetensors\","
              + "\"steps\":\"1.safetensors\",\"mask\":\"1.safetensors\"}}");
    }
    new TensorFile(all, texts).write(file, TensorFormat.valueOf(kind.name()));
    return file;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyDamagedFileIsRefusedClearlyOrIsAnother(Kind kind) throws IOException {
    byte[] original = Files.readAllBytes(original(kind));
    long refused = IntStream.range(0, FILES).parallel().filter(i -> {
      Random random = new Random(20261129L * (kind.ordinal() + 1) + i);
      byte[] bytes = kind.isZip() && i % 2 == 0 ? mutatedWithin(original, random) : mutated(original, random);
      return isRefused(kind + " number " + i, bytes);
    }).count();
    assertThat(refused).isGreaterThan(FILES / 2).isLessThan(FILES);
  }

  private boolean isRefused(String name, byte[] bytes) {
    Path file = directory.resolve("mutated" + Thread.currentThread().threadId());
    try {
      Files.write(file, bytes);
      TensorFile read = TensorFile.read(file);
      long size = read.tensors().values().stream().mapToLong(x -> (long) x.elements() * x.dtype().bytes()).sum();
      assertThat(size).as(name).isLessThan(1_200_000);
      return false;
    } catch (TensorFileException e) {
      assertThat(e.getMessage()).as(name).startsWith(file + ": ").doesNotEndWith("null")
          .hasSizeGreaterThan(file.toString().length() + 10).hasSizeLessThan(2000);
      return true;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError(name + ": " + e, e);
    }
  }

  /// Changes one to three things.
  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(3); i >= 0 && bytes.length > 8; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0 -> bytes = Arrays.copyOf(bytes, at);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> putNumber(bytes, at, random);
        case 4 -> bytes = spliced(bytes, at, random.nextInt(bytes.length), random.nextInt(32));
        case 5 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(100));
        case 6 -> bytes = digits(bytes, at, random);
        default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(16)), (byte) random.nextInt(256));
      }
    }
    return bytes;
  }

  private static void putNumber(byte[] bytes, int at, Random random) {
    long[] numbers = {-1, 0, 1, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, 1L << 32, 1 << 16, 0x7fff};
    long number = numbers[random.nextInt(numbers.length)];
    for (int i = 0; i < (2 << random.nextInt(3)) && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (number >> 8 * i);
    }
  }

  /// Puts a piece of the file in at another place.
  private static byte[] spliced(byte[] bytes, int to, int from, int count) {
    byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + count));
    byte[] result = Arrays.copyOf(bytes, bytes.length + piece.length);
    System.arraycopy(bytes, to, result, to + piece.length, bytes.length - to);
    System.arraycopy(piece, 0, result, to, piece.length);
    return result;
  }

  /// Changes the next number written in digits.
  private static byte[] digits(byte[] bytes, int from, Random random) {
    String[] numbers = {"-1", "0", "99999999999999999999", "2147483647", "4294967296", "9223372036854775807", "1e3",
        "7"};
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = from; at < text.length(); at++) {
      if (Character.isDigit(text.charAt(at))) {
        return (text.substring(0, at) + numbers[random.nextInt(numbers.length)] + text.substring(at + 1)).getBytes(
            StandardCharsets.ISO_8859_1);
      }
    }
    return bytes;
  }

  /// A zip file that is whole, with one entry changed, left out, doubled, of other bytes, or far larger unpacked.
  private static byte[] mutatedWithin(byte[] original, Random random) {
    try {
      return repacked(original, random);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] repacked(byte[] original, Random random) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(original))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    String[] names = entries.keySet().toArray(String[]::new);
    String chosen = random.nextInt(3) == 0 ? names[0] : names[random.nextInt(names.length)];
    boolean stored = random.nextBoolean();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : names) {
        byte[] content = entries.get(name);
        if (name.equals(chosen)) {
          switch (random.nextInt(8)) {
            case 0 -> {
              continue;
            }
            case 1 -> content = Arrays.copyOf(content, content.length + 1_000_000);
            case 2 -> add(zip, name + "x", content, stored);
            default -> content = mutated(content, random);
          }
        }
        add(zip, name, content, stored);
      }
    }
    return out.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content, boolean stored) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    if (stored) {
      CRC32 sum = new CRC32();
      sum.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(sum.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}

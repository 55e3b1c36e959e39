package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
  @TempDir
  Path directory;

  private static String printed(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Inspect.print(file, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  @Test
  void namesDtypesShapesRangesAndWhatIsNotFiniteAreShown() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("w", Tensor.of(new float[] {1, -2.5f, Float.NaN, Float.NaN, Float.NEGATIVE_INFINITY, 0}, 2, 3));
    tensors.put("ids", Tensor.of(new int[] {7, 8}));
    tensors.put("none", Tensor.zeros(DType.FLOAT64, 0));
    tensors.put("steer\u001b[2J", Tensor.of(new boolean[] {true}));
    Path file = directory.resolve("a.safetensors");
    new TensorFile(tensors, Map.of("text", "x".repeat(100))).write(file);
    assertThat(printed(file)).isEqualTo("""
        w  F32 [2, 3]  -2.500 to 1.000, NaN: 2, infinite: 1
        ids  I32 [2]  7.000 to 8.000
        none  F64 [0]  nothing finite
        steer?[2J  BOOL [1]  1.000 to 1.000
        text: %s.. (100 characters)
        """.formatted("x".repeat(60)));
  }

  @Test
  void whatIsNotReadIsSaid() throws IOException {
    assertThatThrownBy(() -> printed(directory)).isInstanceOf(TensorFileException.class)
        .hasMessage(directory + ": it is a folder; name a file in it");
    Path keras = Files.write(directory.resolve("model.h5"),
        new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 0, 0});
    assertThatThrownBy(() -> printed(keras)).isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith(keras + ": HDF5, as Keras writes it, is not read; load it in Python, and save it by ");
  }

  @Test
  void aTensorThatCannotBeReadIsALine() throws IOException {
    Path file = Files.write(directory.resolve("a.npy"),
        NpyTest.npy(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
            new byte[] {0, 0, 0, 0, 1, 0, 0, 0}));
    assertThat(printed(file)).isEqualTo("tensor  I64 [1]  " + file + ": tensor tensor: its element [0] is 4294967296, "
        + "which does not fit INT32\n");
    Files.writeString(file, "none of these");
    assertThatThrownBy(() -> printed(file)).isInstanceOf(TensorFileException.class);
  }
}

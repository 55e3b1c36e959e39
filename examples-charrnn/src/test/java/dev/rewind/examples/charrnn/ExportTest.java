package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.rewind.autograd.Tape;
import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// `export` and `inspect`: models in ONNX Runtime, beside the same models here.
class ExportTest {
  private static final Vocabulary VOCABULARY = Vocabulary.of("\n abcdefghijklmé😀?");
  private static final int HIDDEN = 24;

  @TempDir
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private CharRnn<?> write(CellKind cell) throws IOException {
    CharRnn<?> model = CharRnn.of(new ModelOptions(cell, VOCABULARY.size(), 7, HIDDEN, 2, 0), Rng.of(1));
    model.namedParameters().values().forEach(p -> p.value().assign(p.value().times(Tensor.scalar(2f)))); // decided
    ModelFile.toFile(model, VOCABULARY, Map.of()).write(folder.resolve("model.safetensors"));
    return model;
  }

  private int run(String... args) {
    return new Main(new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8)).run(args);
  }

  private OrtSession exported() throws OrtException {
    assertThat(run("export", "--model", folder.toString(), "--onnx", folder + "/model.onnx")).as(err::toString)
        .isZero();
    return OrtEnvironment.getEnvironment().createSession(folder + "/model.onnx");
  }

  private static OnnxTensor ids(int[] flat, int batch) throws OrtException {
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(),
        LongBuffer.wrap(Arrays.stream(flat).asLongStream().toArray()), new long[] {batch, flat.length / batch});
  }

  private static Map<String, OnnxTensor> zeros(OrtSession session, int batch) throws OrtException {
    Map<String, OnnxTensor> states = new HashMap<>();
    for (String name : session.getInputNames()) {
      if (!name.equals("ids")) {
        states.put(name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(),
            FloatBuffer.allocate(batch * HIDDEN), new long[] {1, batch, HIDDEN}));
      }
    }
    return states;
  }

  private static float[] floats(OrtSession.Result result, String name) throws OrtException {
    FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
    float[] floats = new float[buffer.remaining()];
    buffer.get(floats);
    return floats;
  }

  @ParameterizedTest
  @EnumSource(names = {"LSTM", "GRU", "RNN", "RELU", "PEEPHOLE", "COUPLED", "RESET_BEFORE", "MINGRU"})
  void probabilitiesAreThoseOfTheModel(CellKind cell) throws Exception {
    CharRnn<?> model = write(cell);
    Rng draws = Rng.of(5);
    try (OrtSession session = exported()) {
      for (int batch : new int[] {1, 7}) {
        for (int time : new int[] {1, 50}) {
          int[] flat = new int[batch * time];
          Arrays.setAll(flat, k -> draws.nextInt(VOCABULARY.size()));
          Map<String, OnnxTensor> inputs = zeros(session, batch);
          inputs.put("ids", ids(flat, batch));
          Tensor wanted = model.forward(Tape.inference(), Tensor.wrap(flat, batch, time)).logits().softmax(-1).value();
          try (OrtSession.Result result = session.run(inputs)) {
            Tensor found = Tensor.wrap(floats(result, "probabilities"), batch, time, VOCABULARY.size());
            assertThat(found.allClose(wanted, 0, 1e-5)).as("%s\n%s", found, wanted).isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LSTM", "GRU"})
  void theStateCarriesOverFromSymbolToSymbol(CellKind cell) throws Exception {
    CharRnn<?> model = write(cell);
    int[] text = Rng.of(6).permutation(VOCABULARY.size());
    Tensor wanted = model.forward(Tape.inference(), Tensor.wrap(text.clone(), 1, text.length)).logits().value();
    try (OrtSession session = exported()) {
      Map<String, OnnxTensor> inputs = zeros(session, 1);
      for (int t = 0; t < text.length; t++) {
        inputs.put("ids", ids(new int[] {text[t]}, 1));
        OrtSession.Result result = session.run(inputs);
        assertThat(Tensor.of(floats(result, "logits")).allClose(wanted.select(1, t).select(0, 0), 1e-5, 1e-5)).isTrue();
        for (String name : session.getInputNames()) {
          result.get(name + "_next").ifPresent(next -> inputs.put(name, (OnnxTensor) next));
        }
      }
    }
  }

  @Test
  void theVocabularyIsInTheMetadata() throws Exception {
    write(CellKind.GRU);
    exported().close(); // its binding to Java cuts texts before symbols of four bytes, so that it is not asked
    Map<String, String> texts = new HashMap<>();
    ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx"))).getMetadataPropsList()
        .forEach(text -> texts.put(text.getKey(), text.getValue()));
    assertThat(texts).containsEntry("vocabulary", VOCABULARY.asString()).containsEntry("cell", "gru");
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE,
      names = {"LSTM", "GRU", "RNN", "RELU", "PEEPHOLE", "COUPLED", "RESET_BEFORE", "MINGRU"})
  void otherCellsAreRefused(CellKind cell) throws Exception {
    write(cell);
    assertThat(run("export", "--model", folder.toString(), "--onnx", folder + "/model.onnx")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("charrnn: " + folder)
        .contains("Cell is not what an operator of ONNX computes");
    assertThat(folder.resolve("model.onnx")).doesNotExist();
  }

  @Test
  void filesAreInspected() throws Exception {
    write(CellKind.GRU);
    assertThat(run("inspect", folder + "/model.safetensors")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("embedding.weight  F32 [18, 7]  ", "cell: gru");
    assertThat(run("inspect", folder + "/absent.npz")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("absent.npz");
  }
}

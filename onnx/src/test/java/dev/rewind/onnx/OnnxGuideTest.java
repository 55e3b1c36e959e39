package dev.rewind.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What docs/files.md says about ONNX: its lines of Java are parts of this file.
class OnnxGuideTest {
  @TempDir
  Path folder;

  /// Without comments, spaces and breaks of lines, which differ.
  private static String code(String text) {
    return text.lines().map(line -> line.replaceFirst(" +// .*", "")).collect(Collectors.joining())
        .replaceAll("\\s", "");
  }

  @Test
  void everyLineOfJavaIsInThisFile() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "files.md"));
    String section = page.substring(page.indexOf("\n## To ONNX Runtime\n"), page.indexOf("\n## From Keras\n"));
    String source = code(Files.readString(Path.of("src", "test", "java", "dev", "rewind", "onnx",
        "OnnxGuideTest.java")));
    List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(section).results()
        .map(block -> block.group(1)).toList();
    assertThat(blocks).hasSize(2).allSatisfy(block -> assertThat(source).contains(code(block).replaceFirst("}$", ""))); // more follows here;
  }

  @Test
  void toOnnxRuntime() throws Exception {
    Embedding embedding = new Embedding(50, 16, Rng.of(1));
    Lstm lstm = new Lstm(RecurrentOptions.of(16, 32), Rng.of(2));
    LayerNorm norm = new LayerNorm(32);
    Linear head = new Linear(32, 5, Rng.of(3));
    OnnxModel.ofIds("ids").carrying("state").then(embedding).then(lstm).then(norm).then(head)
        .output("logits").softmax().output("probabilities")
        .write(folder.resolve("tagger.onnx"));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(folder.resolve("tagger.onnx").toString());
        OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {{3, 1, 4}}); // [batch, time]
        OnnxTensor zeros = OnnxTensor.createTensor(environment, new float[1][1][32]); // [1, batch, hidden]
        OrtSession.Result result = session.run(Map.of("ids", ids, "state.0.h", zeros, "state.0.c", zeros))) {
      float[][][] logits = (float[][][]) result.get("logits").orElseThrow().getValue(); // [batch, time, 5]
      OnnxValue h = result.get("state.0.h_next").orElseThrow(); // "state.0.h" of the next step
      Variable wanted = head.forward(norm.forward(lstm.forward(embedding.forward(
          Tape.inference().constant(Tensor.of(new int[][] {{3, 1, 4}})))).outputs()));
      assertThat(Tensor.of(logits[0]).allClose(wanted.value().select(0, 0), 1e-5, 1e-5)).isTrue();
      assertThat(((OnnxTensor) h).getInfo().getShape()).containsExactly(1, 1, 32);
    }
  }
}

package dev.rewind.nn.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.io.Conversions;
import dev.rewind.nn.io.LoadReport;
import dev.rewind.nn.io.Mapping;
import dev.rewind.nn.io.Python;
import dev.rewind.nn.io.StoredTensor;
import dev.rewind.nn.io.TensorArchive;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.io.TensorFormat;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/files.md: its lines of Java are parts of this file, but for those about ONNX, and its lines of Python are run.
class FilesGuideTest {
  private static final Path GUIDE = Path.of("..", "docs", "files.md");
  private static final Path SOURCE = Path.of("src", "test", "java", "dev", "rewind", "nn", "guide",
      "FilesGuideTest.java");

  @TempDir
  Path folder;

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(GUIDE).replaceFirst("(?s)\n## To ONNX Runtime\n.*?(?=\n## )", "")).results()
        .map((MatchResult block) -> block.group(1)).toList();
  }

  /// Without comments, spaces and breaks of lines, which differ.
  private static String code(String text) {
    return text.lines().map(line -> line.replaceFirst(" +// .*", "")).collect(Collectors.joining())
        .replaceAll("\\s", "");
  }

  @Test
  void everyLineOfJavaIsInThisFile() throws IOException {
    String source = code(Files.readString(SOURCE));
    assertThat(blocks("java")).hasSizeGreaterThan(6).allSatisfy(
        block -> assertThat(source).contains(code(block)));
  }

  static final class Tagger extends Block {
    private final Embedding embedding = child("embedding", new Embedding(50, 16, Rng.of(1)));
    private final Lstm lstm = child("lstm",
        new Lstm(RecurrentOptions.of(16, 32).withLayers(2).withBidirectional(true), Rng.of(2)));
    private final LayerNorm norm = child("norm", new LayerNorm(64));
    private final Linear head = child("head", new Linear(64, 5, Rng.of(3)));

    Variable forward(Variable ids) {
      return head.forward(norm.forward(lstm.forward(embedding.forward(ids)).outputs()));
    }
  }

  @Test
  void fromPyTorchAndBack() throws Exception {
    String compare = """

        import numpy as np
        ids = torch.arange(100).reshape(4, 25) % 50
        np.save("wanted.npy", model(ids).detach().numpy())
        """;
    List<String> python = blocks("python");
    Python.run(folder, "torch", python.get(0) + compare);
    try (TensorArchive archive = TensorArchive.open(folder.resolve("tagger.pt"))) {
      assertThat(archive.tensors().get("model.lstm.weight_ih_l0")).hasToString("F32 [128, 16]");
    }
    Tagger model = new Tagger();
    try (TensorArchive archive = TensorArchive.open(folder.resolve("tagger.pt"))) {
      LoadReport report = archive.load(model, Mapping.PYTORCH.withoutPrefix("model."));
      System.out.println(report);
      System.out.println(archive.metadata().get("epoch")); // 3
    }
    assertOutputs(model);
    new TensorFile(Conversions.toPyTorch(model.state()), Map.of()).write(folder.resolve("back.pt"), TensorFormat.TORCH);
    Python.run(folder, "torch", python.get(0) + python.get(1) + compare);
    assertOutputs(model);
  }

  private void assertOutputs(Tagger model) throws IOException {
    Tensor wanted = TensorFile.read(folder.resolve("wanted.npy")).tensors().get("tensor");
    Tensor ids = Tensor.concat(0, List.of(Tensor.arange(50), Tensor.arange(50))).reshape(4, 25);
    assertThat(model.forward(Tape.inference().constant(ids)).value().allClose(wanted, 1e-5, 1e-5)).isTrue();
  }

  @Test
  void filesAreLookedInto() throws IOException {
    Tagger model = new Tagger();
    new TensorFile(Conversions.toPyTorch(model.state()), Map.of()).write(folder.resolve("tagger.pt"),
        TensorFormat.TORCH);
    assertThat(TensorFile.read(folder.resolve("tagger.pt")).tensors().get("lstm.weight_ih_l0"))
        .isEqualTo(model.state().get("lstm.weight_ih_l0"));
    try (TensorArchive archive = TensorArchive.open(folder.resolve("tagger.pt"))) {
      StoredTensor stored = archive.tensors().get("lstm.weight_ih_l0");
      System.out.println(stored.dtype() + " " + stored.shape()); // F32 [128, 16]
      Tensor weight = stored.read();
      System.out.println(weight.size(1)); // 16
    }
  }

  /// Stands for a model of another framework's: one layer, in one direction.
  private static final class Small extends Block {
    Small() {
      child("embedding", new Embedding(50, 16, Rng.of(1)));
      child("lstm", new Lstm(RecurrentOptions.of(16, 32), Rng.of(2)));
      child("norm", new LayerNorm(32));
      child("head", new Linear(32, 5, Rng.of(3)));
    }
  }

  private static Tensor draw(int... sizes) {
    return Tensor.normal(Rng.of(sizes[0]), DType.FLOAT32, 0, 1, sizes);
  }

  @Test
  void fromKeras() throws IOException {
    new TensorFile(Map.of("embedding/embeddings", draw(50, 16), "lstm/lstm_cell/kernel", draw(16, 128),
        "lstm/lstm_cell/recurrent_kernel", draw(32, 128), "lstm/lstm_cell/bias", draw(128),
        "layer_normalization/gamma", draw(32), "layer_normalization/beta", draw(32), "dense/kernel", draw(32, 5),
        "dense/bias", draw(5)), Map.of()).write(folder.resolve("keras.npz"), TensorFormat.NPZ);
    Small model = new Small();
    Map<String, Tensor> keras = TensorFile.read(folder.resolve("keras.npz")).tensors();
    Map<String, Tensor> ours = new LinkedHashMap<>();
    ours.put("embedding.weight", keras.get("embedding/embeddings"));
    ours.putAll(Conversions.kerasLstm("lstm.%s_l0", keras.get("lstm/lstm_cell/kernel"),
        keras.get("lstm/lstm_cell/recurrent_kernel"), keras.get("lstm/lstm_cell/bias")));
    ours.put("norm.weight", keras.get("layer_normalization/gamma"));
    ours.put("norm.bias", keras.get("layer_normalization/beta"));
    ours.put("head.weight", keras.get("dense/kernel").transpose());
    ours.put("head.bias", keras.get("dense/bias"));
    new TensorFile(ours, Map.of()).load(model, Mapping.PYTORCH);
    assertThat(model.state().get("lstm.weight_ih_l0")).isEqualTo(draw(16, 128).transpose().contiguous());
    assertThat(model.state().get("head.bias")).isEqualTo(draw(5));
  }

  @Test
  void fromTensorFlow() throws IOException {
    new TensorFile(Map.of("rnn/basic_lstm_cell/kernel", draw(48, 128), "rnn/basic_lstm_cell/bias", draw(128)), Map.of())
        .write(folder.resolve("tf1.npz"), TensorFormat.NPZ);
    Small model = new Small();
    Map<String, Tensor> tf = TensorFile.read(folder.resolve("tf1.npz")).tensors();
    Map<String, Tensor> lstm = Conversions.tensorFlowLstm("lstm.%s_l0", tf.get("rnn/basic_lstm_cell/kernel"),
        tf.get("rnn/basic_lstm_cell/bias"), 1);
    new TensorFile(lstm, Map.of()).load(model, Mapping.PYTORCH.only("lstm"));
    assertThat(model.state().get("lstm.bias_ih_l0").at(32)).isEqualTo((float) (draw(128).at(64) + 1));
  }

  @Test
  void fromDl4j() throws IOException {
    new TensorFile(Map.of("0_W", draw(16, 128), "0_RW", draw(32, 128), "0_b", draw(1, 128)), Map.of())
        .write(folder.resolve("dl4j.npz"), TensorFormat.NPZ);
    Small model = new Small();
    Map<String, Tensor> dl4j = TensorFile.read(folder.resolve("dl4j.npz")).tensors();
    Map<String, Tensor> lstm = Conversions.dl4jLstm("lstm.%s_l0", dl4j.get("0_W"), dl4j.get("0_RW"), dl4j.get("0_b"));
    new TensorFile(lstm, Map.of()).load(model, Mapping.PYTORCH.only("lstm"));
    assertThat(model.state().get("lstm.bias_ih_l0").at(0)).isEqualTo(draw(1, 128).at(0, 96));
  }

  @Test
  void shardsBecomeOneFile() throws IOException {
    new TensorFile(Map.of("a", draw(2)), Map.of()).write(folder.resolve("1.safetensors"));
    Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"1.safetensors\"}}");
    try (TensorArchive shards = TensorArchive.open(folder.resolve("model.safetensors.index.json"))) {
      TensorFile.write(folder.resolve("model.safetensors"), shards.tensors(), shards.metadata());
    }
    assertThat(TensorFile.read(folder.resolve("model.safetensors")).tensors()).containsExactly(Map.entry("a", draw(2)));
    try (TensorArchive whole = TensorArchive.open(folder.resolve("model.safetensors"))) {
      TensorFile.writeShards(folder.resolve("model.safetensors.index.json"), whole.tensors(), whole.metadata(),
          5_000_000_000L);
    }
    assertThat(TensorFile.read(folder.resolve("model.safetensors.index.json")).tensors())
        .containsExactly(Map.entry("a", draw(2)));
  }

  @Test
  void rulesOfTheTableDoWhatItSays() throws IOException {
    Small model = new Small();
    TensorFile lstm = new TensorFile(new Lstm(RecurrentOptions.of(16, 32), Rng.of(9)).state(), Map.of());
    assertThat(lstm.load(model, Mapping.SAME_NAMES.withPrefix("lstm.").only("lstm")).matched()).hasSize(3);
    assertThatThrownBy(() -> lstm.load(model, Mapping.SAME_NAMES.withPrefix("lstm.")))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("missing: embedding.weight");
    assertThat(lstm.load(model, Mapping.SAME_NAMES.withPrefix("lstm.").lenient()).missing()).hasSize(5);
  }
}

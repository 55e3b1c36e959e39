package dev.rewind.examples.charrnn.model;

import dev.rewind.nn.io.Conversions;
import dev.rewind.nn.io.LoadReport;
import dev.rewind.nn.io.Mapping;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Models as safetensors files: the tensors of the network by their usual names, the architecture and
/// the vocabulary in the metadata. The tensors decide about sizes, whatever the metadata say.
public final class ModelFile {
  /// The value of the metadata key `format`.
  public static final String FORMAT = "charrnn/1";

  private ModelFile() {}

  /// A model and the symbols it knows.
  ///
  /// @param metadata as they are in the file, whether or not they agree with the tensors
  /// @param unused names of tensors that are no part of the model
  public record Loaded(CharRnn<?> model, Vocabulary vocabulary, Map<String, String> metadata, List<String> unused) {}

  /// The tensors and metadata of a model.
  public static TensorFile toFile(CharRnn<?> model, Vocabulary vocabulary, Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>();
    ModelOptions options = model.options();
    metadata.put("format", FORMAT);
    metadata.put("cell", options.cell().label());
    metadata.put("layers", Integer.toString(options.layers()));
    metadata.put("hidden", Integer.toString(options.hidden()));
    metadata.put("embedding", Integer.toString(options.embedding()));
    metadata.put("vocabulary", vocabulary.asString());
    vocabulary.unknown().ifPresent(id -> metadata.put("unknown", Integer.toString(id)));
    metadata.putAll(provenance);
    return new TensorFile(tensors(model), metadata);
  }

  /// Copies of all parameters under the names of the file: `embedding.weight`, `lstm.weight_ih_l0`, `linear.bias`. A
  /// cell's single `bias` is `bias_ih`, with zeros as `bias_hh`.
  public static Map<String, Tensor> tensors(CharRnn<?> model) {
    String inFiles = model.options().cell().label() + ".$2_l$1";
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model.state().forEach((name, value) -> tensors.put(
        name.replaceFirst("^(cells\\.\\d+\\.bias)$", "$1_ih").replaceFirst("^cells\\.(\\d+)\\.(.*)$", inFiles), value));
    return Conversions.toPyTorch(tensors);
  }

  /// Reads a model.
  ///
  /// @param path a model file
  /// @throws UserError if it is not one
  public static Loaded read(Path path) throws IOException {
    TensorFile file = TensorFile.read(path);
    Map<String, String> metadata = file.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new UserError(path + ": not a model of this program: its metadata say format '" + metadata.get("format")
          + "', not '" + FORMAT + "'");
    }
    Vocabulary vocabulary = vocabulary(path, metadata);
    ModelOptions options = options(path, file, vocabulary);
    CharRnn<?> model = CharRnn.of(options, Rng.of(0));
    return new Loaded(model, vocabulary, metadata, load(path, file, model).unexpected());
  }

  /// Reads a model that is to be used.
  ///
  /// @param path a model file
  /// @throws UserError if it is not one, or a parameter holds NaN
  public static Loaded readForUse(Path path) throws IOException {
    Loaded loaded = read(path);
    notNumbers(loaded.model()).ifPresent(name -> {
      throw new UserError(
          path + ": " + name + " holds NaN, so the model can neither read nor write: its training diverged; "
              + "take an earlier checkpoint, or train with a smaller learning rate");
    });
    return loaded;
  }

  /// The name in files of the first parameter that holds NaN.
  public static Optional<String> notNumbers(CharRnn<?> model) {
    return tensors(model).entrySet().stream().filter(named -> named.getValue().isNaN().any().item() != 0)
        .map(Map.Entry::getKey).findFirst();
  }

  private static Vocabulary vocabulary(Path path, Map<String, String> metadata) {
    String symbols = required(path, metadata, "vocabulary");
    String unknown = metadata.get("unknown");
    try {
      Vocabulary vocabulary = Vocabulary.of(symbols);
      return unknown == null ? vocabulary : vocabulary.withUnknown(Integer.parseInt(unknown));
    } catch (NumberFormatException e) {
      throw new UserError(path + ": its metadata say unknown '" + unknown + "', not the id of a symbol", e);
    } catch (UserError e) {
      throw new UserError(path + ": " + e.getMessage(), e);
    }
  }

  private static ModelOptions options(Path path, TensorFile file, Vocabulary vocabulary) {
    CellKind cell = CellKind.of(required(path, file.metadata(), "cell"));
    Shape embedding = matrix(path, file, "embedding.weight");
    Shape linear = matrix(path, file, "linear.weight");
    if (!hasLayer(file, cell, 0)) {
      String held = Arrays.stream(CellKind.values()).filter(kind -> hasLayer(file, kind, 0))
          .map(kind -> kind.label() + ".*").collect(Collectors.joining(", "));
      throw new UserError(path + ": its metadata say cell '" + cell.label() + "', but it has no tensor " + cell.label()
          + ".* whose name ends in _l0" + (held.isEmpty() ? "" : "; it has " + held));
    }
    int layers = 1;
    while (hasLayer(file, cell, layers)) {
      layers++;
    }
    if (embedding.size(0) != vocabulary.size() || linear.size(0) != vocabulary.size()) {
      throw new UserError(path + ": " + vocabulary.size() + " symbols in the vocabulary, but embedding.weight is "
          + embedding + " and linear.weight " + linear);
    }
    return new ModelOptions(cell, vocabulary.size(), embedding.size(1), linear.size(1), layers, 0);
  }

  private static boolean hasLayer(TensorFile file, CellKind cell, int layer) {
    return file.tensors().keySet().stream().anyMatch(
        name -> name.startsWith(cell.label() + ".") && name.endsWith("_l" + layer));
  }

  private static Shape matrix(Path path, TensorFile file, String name) {
    Tensor tensor = file.tensors().get(name);
    if (tensor == null || tensor.rank() != 2 || tensor.elements() == 0) {
      throw new UserError(path + ": has no matrix " + name);
    }
    return tensor.shape();
  }

  private static String required(Path path, Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new UserError(path + ": its metadata lack '" + key + "'");
    }
    return value;
  }

  /// Copies tensors into the parameters of a model; a single bias takes the sum of the file's two.
  ///
  /// @param path what messages begin with
  /// @throws UserError naming every tensor that is missing, or of another shape than its parameter
  private static LoadReport load(Path path, TensorFile file, CharRnn<?> model) {
    String inFiles = "^" + model.options().cell().label() + "\\.(.*)_l(\\d+)$";
    LoadReport report;
    try {
      report = file.load(model, Mapping.PYTORCH.rename(inFiles, "cells.$2.$1").lenient());
    } catch (IllegalArgumentException e) {
      throw new UserError(path + ": " + e.getMessage(), e);
    }
    if (!report.missing().isEmpty()) {
      throw new UserError(path + ": has no tensors for " + String.join(", ", report.missing()));
    }
    return report;
  }
}

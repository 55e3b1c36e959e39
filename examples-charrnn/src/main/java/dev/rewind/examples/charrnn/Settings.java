package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.Form;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.examples.charrnn.model.UserError;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// All that decides about a run, as texts: what a checkpoint keeps, so that resuming needs no option repeated.
///
/// @param input the absolute path of the text, empty for the embedded one
/// @param encoding of the text, as [Texts#decode] takes it
/// @param minCount how often a symbol is there, if it is not to become the unknown symbol
record Settings(String input, Charset encoding, int minCount, ModelOptions model, TrainOptions training) {
  /// What may change while a run goes on.
  private static final Set<String> CHANGEABLE = Set.of("input", "encoding", "dropout", "iterations", "learning-rate",
      "clip",
      "checkpoint-every", "sample-every");

  /// The path to keep of a file of text.
  static String absolute(Path input) {
    return input.toAbsolutePath().normalize().toString();
  }

  Map<String, String> toMap() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("input", input);
    map.put("encoding", encoding == null ? "" : encoding.name());
    map.put("min-count", Integer.toString(minCount));
    map.put("cell", model.cell().label());
    map.put("symbols", Integer.toString(model.symbols()));
    map.put("embedding", Integer.toString(model.embedding()));
    map.put("hidden", Integer.toString(model.hidden()));
    map.put("layers", Integer.toString(model.layers()));
    map.put("dropout", Double.toString(model.dropout()));
    map.put("batch", Integer.toString(training.batch()));
    map.put("steps", Integer.toString(training.steps()));
    map.put("iterations", Integer.toString(training.iterations()));
    map.put("learning-rate", Double.toString(training.learningRate()));
    map.put("clip", Double.toString(training.clip()));
    map.put("validation", Double.toString(training.validation()));
    map.put("seed", Long.toString(training.seed()));
    map.put("checkpoint-every", Integer.toString(training.checkpointEvery()));
    map.put("sample-every", Integer.toString(training.sampleEvery()));
    map.put("form", training.form().toString());
    return map;
  }

  /// These settings, but for some options, by their names without dashes. Names of other things do nothing.
  ///
  /// @throws UserError if one is given another value that cannot change while a run goes on
  Settings with(Map<String, String> options) {
    Map<String, String> map = toMap();
    options.forEach((name, value) -> {
      String old = map.replace(name, value);
      if (old != null && !old.equals(value) && !CHANGEABLE.contains(name)) {
        throw new UserError("--" + name + " " + value + ": the run to go on with has --" + name + " " + old
            + ", which cannot change; without --resume, in another --out, a new run can have it");
      }
    });
    return of(map);
  }

  /// In what these settings differ from others, as `--clip 5.0 -> 1.0`.
  List<String> changesSince(Settings before) {
    Map<String, String> old = before.toMap();
    return toMap().entrySet().stream().filter(now -> !now.getValue().equals(old.get(now.getKey())))
        .map(now -> "--" + now.getKey() + " " + old.get(now.getKey()) + " -> " + now.getValue()).toList();
  }

  /// The settings that [#toMap] gave.
  static Settings of(Map<String, String> map) {
    try {
      ModelOptions model = new ModelOptions(CellKind.of(map.get("cell")), number(map, "symbols"),
          number(map, "embedding"), number(map, "hidden"), number(map, "layers"), decimal(map, "dropout"));
      TrainOptions training = new TrainOptions(number(map, "batch"), number(map, "steps"),
          number(map, "iterations"), decimal(map, "learning-rate"), decimal(map, "clip"),
          decimal(map, "validation"), Long.parseLong(map.get("seed")), number(map, "checkpoint-every"),
          number(map, "sample-every"), Form.valueOf(map.getOrDefault("form", "fused").toUpperCase(Locale.ROOT)));
      String encoding = map.getOrDefault("encoding", "");
      return new Settings(map.get("input"), encoding.isEmpty() ? null : Charset.forName(encoding),
          Integer.parseInt(map.getOrDefault("min-count", "1")), model, training);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new UserError("the run's resume.safetensors lacks settings or has bad ones: " + e.getMessage(), e);
    }
  }

  private static int number(Map<String, String> map, String key) {
    return Integer.parseInt(map.get(key));
  }

  private static double decimal(Map<String, String> map, String key) {
    return Double.parseDouble(map.get(key));
  }

  /// A fingerprint of a text, by which a resumed run knows that it reads the same one.
  static String fingerprint(int[] text) {
    try {
      byte[] bytes = new String(text, 0, text.length).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }
}

package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.examples.charrnn.model.UserError;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All that decides about a run. What a checkpoint keeps of it are the options, by their names without dashes, so that
/// resuming needs none repeated.
///
/// @param options those of [#NAMES], as texts
record Settings(Map<String, String> options, ModelOptions model, TrainOptions training) {
  /// The options that decide about a run.
  static final List<String> NAMES = List.of("input", "encoding", "min-count", "cell", "embedding", "hidden", "layers",
      "dropout", "batch", "steps", "iterations", "learning-rate", "clip", "validation", "seed", "checkpoint-every",
      "sample-every", "form");
  /// What may change while a run goes on.
  private static final Set<String> CHANGEABLE = Set.of("input", "encoding", "dropout", "iterations", "learning-rate",
      "clip", "checkpoint-every", "sample-every");

  /// What a checkpoint kept, but for some options that are given anew.
  ///
  /// @throws UserError if one is given another value that cannot change while a run goes on, or one was not kept
  static Map<String, String> changed(Map<String, String> kept, Map<String, String> given) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String name : NAMES) {
      String old = kept.get(name);
      String value = given.getOrDefault(name, old);
      if (old == null) {
        throw new UserError("the run's resume.safetensors lacks settings or has bad ones: there is no " + name);
      }
      if (!old.equals(value) && !CHANGEABLE.contains(name)) {
        throw new UserError("--" + name + " " + value + ": the run to go on with has --" + name + " " + old
            + ", which cannot change; without --resume, in another --out, a new run can have it");
      }
      options.put(name, value);
    }
    return options;
  }

  /// In what these settings differ from what was kept, as `--clip 5.0 -> 1.0`.
  List<String> changesSince(Map<String, String> kept) {
    return options.entrySet().stream().filter(now -> !now.getValue().equals(kept.get(now.getKey())))
        .map(now -> "--" + now.getKey() + " " + kept.get(now.getKey()) + " -> " + now.getValue()).toList();
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

package dev.rewind.nn.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What became of the tensors of a file and the parameters of a model in [TensorFile#load].
///
/// @param matched parameters that took over a value, and the tensors that it came from: one, or several that were added
/// @param missing parameters for which there was no tensor
/// @param unexpected tensors that are for no parameter
/// @param misfits parameters whose tensor has another shape or kind of dtype, with both: these keep their value
/// @param unused rules of the mapping, to rename or to ignore, that matched no tensor: perhaps misspelt
public record LoadReport(
    Map<String, List<String>> matched, List<String> missing, List<String> unexpected, List<String> misfits,
    List<String> unused) {
  /// Keeps copies, in their order.
  public LoadReport {
    matched = Collections.unmodifiableMap(new LinkedHashMap<>(matched));
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    misfits = List.copyOf(misfits);
    unused = List.copyOf(unused);
  }

  /// Whether every parameter took over a value and no tensor was left.
  public boolean isComplete() {
    return missing.isEmpty() && unexpected.isEmpty() && misfits.isEmpty();
  }

  /// A line for each list, the first with the number of parameters and those that have another name in the file.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("matched: " + matched.size());
    matched.forEach((parameter, tensors) -> {
      if (!tensors.equals(List.of(parameter))) {
        text.append("\n  ").append(parameter).append(" from ").append(String.join(" + ", tensors));
      }
    });
    append(text, "missing", missing);
    append(text, "unexpected", unexpected);
    append(text, "of another shape or dtype", misfits);
    append(text, "rules that matched nothing", unused);
    return text.toString();
  }

  private static void append(StringBuilder text, String what, List<String> names) {
    if (!names.isEmpty()) {
      text.append("\n").append(what).append(": ").append(String.join(", ", names));
    }
  }
}

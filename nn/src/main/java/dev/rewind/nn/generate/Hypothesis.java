package dev.rewind.nn.generate;

import java.util.List;

/// A continuation that [BeamSearch] found.
///
/// @param symbols what follows, the end symbol included if it came to one
/// @param logProbability the sum of the log-probabilities of the symbols, in nats
/// @param score the same, normalised by length: what hypotheses are ranked by
/// @param ended whether the last symbol is the end symbol
public record Hypothesis(List<Integer> symbols, double logProbability, double score, boolean ended) {
  /// The symbols as an array.
  public int[] toArray() {
    return symbols.stream().mapToInt(Integer::intValue).toArray();
  }
}

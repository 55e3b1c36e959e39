package dev.rewind.report;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A unit that follows a feature.
///
/// @param signal the name of a state or gate, as `1.c`
/// @param unit which of its units
/// @param feature what it follows
/// @param correlation Pearson's, in `[-1, 1]`
/// @param chance what the best of so many units reaches by chance: the largest correlation, without its sign, that any
///     has with the same feature where there is nothing to follow, for its values are cut into stretches as long as
///     there are stretches, which are put in a random order (the same one each time)
public record Finding(String signal, int unit, Feature feature, double correlation, double chance) {
  /// Finds the units that follow the features best: for each feature in turn the unit of the largest correlation, then
  /// the second of each, and so on. A unit comes once, with whichever state or gate is first; nothing comes that chance
  /// reaches.
  ///
  /// @param features as many values as steps each
  /// @param count the most that are wanted
  /// @throws ShapeException if a feature has more or fewer values than there are steps
  public static List<Finding> among(Activations seen, List<Feature> features, int count) {
    List<List<Finding>> ranked = ranked(seen, features);
    List<Finding> found = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int before = -1; before < found.size() && found.size() < count;) {
      before = found.size();
      for (List<Finding> candidates : ranked) {
        candidates.stream().filter(candidate -> !taken.contains(candidate.place())).findFirst()
            .filter(_ -> found.size() < count).ifPresent(best -> {
              found.add(best);
              taken.add(best.place());
            });
      }
    }
    return List.copyOf(found);
  }

  /// The layer and the unit.
  private String place() {
    return signal.substring(0, signal.lastIndexOf('.') + 1) + unit;
  }

  /// For each feature all units that follow it better than chance, the best first.
  private static List<List<Finding>> ranked(Activations seen, List<Feature> features) {
    if (features.isEmpty()) {
      return List.of();
    }
    Tensor wanted = standardized(Tensor.stack(0, features.stream()
        .flatMap(feature -> Stream.of(values(feature, seen.steps()), shuffled(feature))).toList()), 1); // [2 K, T]
    Map<String, double[][]> correlations = new LinkedHashMap<>(); // [2 K, units] each
    seen.signals().forEach((name, signal) -> correlations.put(name,
        wanted.matmul(standardized(signal.to(DType.FLOAT64), 0)).toDoubleRows()));
    return IntStream.range(0, features.size()).mapToObj(k -> {
      double chance = correlations.values().stream().flatMapToDouble(r -> Arrays.stream(r[2 * k + 1])).map(Math::abs)
          .max().orElse(0);
      return correlations.entrySet().stream().flatMap(e -> IntStream.range(0, e.getValue()[2 * k].length)
          .mapToObj(unit -> new Finding(e.getKey(), unit, features.get(k), e.getValue()[2 * k][unit], chance)))
          .filter(finding -> Math.abs(finding.correlation) > chance)
          .sorted(Comparator.comparingDouble(finding -> -Math.abs(finding.correlation))).toList();
    }).toList();
  }

  private static Tensor values(Feature feature, int steps) {
    if (feature.values().size() != steps) {
      throw new ShapeException("findings: feature '" + feature.name() + "' has " + feature.values().size()
          + " values, but there are " + steps + " steps");
    }
    return Tensor.wrap(feature.values().stream().mapToDouble(Double::doubleValue).toArray(), steps);
  }

  /// The values with their stretches in another order; what is left at the end stays.
  private static Tensor shuffled(Feature feature) {
    Tensor values = values(feature, feature.values().size());
    int stretch = (int) Math.sqrt(values.size(0));
    int whole = values.size(0) / stretch * stretch;
    Tensor stretches = values.slice(0, 0, whole).reshape(whole / stretch, stretch);
    Tensor moved = stretches.gather(Tensor.permutation(Rng.of(1), whole / stretch), 0).reshape(whole);
    return Tensor.concat(0, List.of(moved, values.slice(0, whole, values.size(0))));
  }

  /// Mean 0 and norm 1 along an axis; zeros where nothing changes.
  private static Tensor standardized(Tensor x, int axis) {
    Tensor centred = x.minus(x.meanKeepDims(axis));
    double least = 1e-6 * Math.sqrt(x.size(axis)); // below it is rounding
    return centred.divide(centred.normKeepDims(axis).clamp(least, Double.MAX_VALUE));
  }
}

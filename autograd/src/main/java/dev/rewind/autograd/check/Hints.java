package dev.rewind.autograd.check;

import dev.rewind.autograd.check.Comparer.Findings;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which mistake makes a gradient that is wrong in this way: a factor, a sign, sum against mean, transposed, exchanged,
/// shifted by a step, one gate, nothing carried back in time. It is looked for in each part, and is no more than a
/// hint.
final class Hints {
  private static final double NEAR = 1e-3; // relative
  private static final List<Integer> GATES = List.of(4, 3, 2);

  private final List<Findings> all;
  private final Findings findings;
  private final Shape shape;
  private final int[] compared;
  private final int[] wrong;

  private Hints(List<Findings> all, Findings findings) {
    this.all = all;
    this.findings = findings;
    this.shape = findings.part().shape();
    this.compared = IntStream.range(0, findings.found().length).filter(i -> findings.found()[i] != null
        && Double.isFinite(numerical(i))).toArray();
    this.wrong = IntStream.of(compared).filter(findings::isWrong).toArray();
  }

  /// In words; empty if no pattern is found and nothing is right.
  static String of(List<Findings> all) {
    List<Hints> wrong = all.stream().map(part -> new Hints(all, part)).filter(part -> part.wrong.length > 0).toList();
    boolean othersAreRight = all.stream().anyMatch(part -> part.scale() > 0 && part.wrong() == 0);
    Map<String, List<String>> names = new LinkedHashMap<>(); // by pattern
    for (Hints part : wrong) {
      String pattern = part.pattern();
      names.computeIfAbsent(pattern.isEmpty() && othersAreRight ? part.question() : pattern, _ -> new ArrayList<>())
          .add(part.findings.part().name());
    }
    List<String> sentences = new ArrayList<>();
    names.forEach((pattern, of) -> sentences.add(pattern.isEmpty() ? "" : String.join(", ", of) + ": " + pattern));
    if (othersAreRight && !wrong.isEmpty()) {
      sentences.add("the others are right, and so is what they share: look at what is done for "
          + wrong.stream().map(part -> part.findings.part().name()).collect(Collectors.joining(", ")) + " alone");
    }
    return sentences.stream().filter(sentence -> !sentence.isEmpty()).collect(Collectors.joining("; "));
  }

  private double analytic(int element) {
    return findings.analytic()[element];
  }

  private double numerical(int element) {
    return findings.found()[element].comparison().numerical();
  }

  private boolean isNear(double expected, int element) {
    return Math.abs(expected - numerical(element)) <= 3 * findings.found()[element].comparison().tolerated();
  }

  private int stride(int axis) {
    return IntStream.range(axis + 1, shape.rank()).map(shape::size).reduce(1, (a, b) -> a * b);
  }

  private int index(int element, int axis) {
    return element / stride(axis) % shape.size(axis);
  }

  private String pattern() {
    String alike = factor(compared);
    if (!alike.isEmpty()) {
      return alike;
    }
    for (Findings other : all) {
      if (other != findings && other.part().shape().equals(shape)
          && IntStream.of(compared).allMatch(i -> isNear(other.analytic()[i], i))) {
        return "exchanged with " + other.part().name();
      }
    }
    for (Map.Entry<String, IntUnaryOperator> moved : places().entrySet()) {
      if (explains(moved.getValue())) {
        return moved.getKey();
      }
    }
    return IntStream.range(0, shape.rank()).mapToObj(this::along).filter(along -> !along.isEmpty()).findFirst()
        .orElseGet(() -> alike(wrong));
  }

  /// What to ask of a part without a pattern that is wrong alone, by its shape.
  private String question() {
    return shape.rank() == 1 ? "if it is a bias, is it summed over the whole batch and all steps?"
        : shape.rank() == 2 && shape.size(0) > shape.size(1) && shape.size(0) % shape.size(1) == 0
            ? "if it multiplies a state, is that the state before the step, and are all steps summed?" : "";
  }

  // ---- what elements have in common ---------------------------------------------------------------------------------

  private String alike(int[] elements) {
    String factor = factor(elements);
    return factor.isEmpty() && IntStream.of(elements).allMatch(i -> isNear(0, i))
        ? "it should be zero where it is wrong (masked, padded, or cut off?)" : factor;
  }

  /// A constant factor of at least two elements.
  private String factor(int[] elements) {
    if (IntStream.of(elements).allMatch(i -> analytic(i) == 0)) {
      return "it is zero where it is wrong (a term is missing)";
    }
    int largest = IntStream.of(elements).boxed().max(
        (i, j) -> Double.compare(Math.abs(numerical(i)), Math.abs(numerical(j)))).orElseThrow();
    double factor = analytic(largest) / numerical(largest);
    if (IntStream.of(elements).filter(i -> !isNear(0, i)).count() < 2
        || !IntStream.of(elements).allMatch(i -> isNear(analytic(i) / factor, i))) {
      return "";
    }
    if (Math.abs(factor + 1) < NEAR) {
      return "the sign is wrong";
    }
    String name = String.format(Locale.ROOT, "%.6g times what it should be", factor);
    double size = Math.max(Math.abs(factor), 1 / Math.abs(factor));
    for (Findings other : all) {
      Shape sizes = other.part().shape();
      for (int axis = 0; axis < sizes.rank(); axis++) {
        if (Math.abs(size - sizes.size(axis)) < NEAR * size) {
          return name + " (the size of axis " + axis + " of " + other.part().name() + ": sum against mean?)";
        }
      }
    }
    return Math.abs(size - 2) < NEAR ? name + " (the 2 of a square, or counted twice?)" : name;
  }

  // ---- elements at wrong places -------------------------------------------------------------------------------------

  /// Whether the gradient would be right with its elements at other places. Some may have none, which is negative, but
  /// more must be explained than are excused by that.
  private boolean explains(IntUnaryOperator place) {
    return IntStream.of(compared).allMatch(i -> place.applyAsInt(i) < 0 || isNear(analytic(place.applyAsInt(i)), i))
        && IntStream.of(wrong).filter(i -> place.applyAsInt(i) >= 0 && !isNear(analytic(i), i)).count() > IntStream
            .of(compared).filter(i -> place.applyAsInt(i) < 0).count();
  }

  /// Where each element may have been put instead, by mistake.
  private Map<String, IntUnaryOperator> places() {
    Map<String, IntUnaryOperator> places = new LinkedHashMap<>();
    if (shape.rank() == 2) {
      int rows = shape.size(0);
      int columns = shape.size(1);
      int n = Math.min(rows, columns); // blocks of [n, n] below or beside one another
      places.put("transposed", i -> i % columns * rows + i / columns);
      if (rows != columns && Math.max(rows, columns) % n == 0) {
        places.put("each block of " + n + " by " + n + " is transposed",
            rows > columns ? i -> i / (n * n) * (n * n) + i % n * n + i / n % n
                : i -> i % columns % n * columns + i % columns / n * n + i / columns);
      }
    }
    for (int along = 0; along < shape.rank(); along++) {
      int axis = along;
      int size = shape.size(axis);
      int stride = stride(axis);
      for (int step : new int[] {1, -1}) {
        places.put("shifted by one along axis " + axis + " (a step " + (step > 0 ? "late" : "early") + "?)",
            i -> Math.floorMod(index(i, axis) + step, size) == index(i, axis) + step ? i + step * stride : -1);
      }
      places.put("in reverse order along axis " + axis, i -> i + (size - 1 - 2 * index(i, axis)) * stride);
      for (int gates : GATES) {
        int length = size / gates;
        for (int first = 0; size % gates == 0 && first < gates; first++) {
          for (int second = first + 1; second < gates; second++) {
            int p = first;
            int q = second;
            places.put("blocks " + (p + 1) + " and " + (q + 1) + " of " + gates + " along axis " + axis
                + " are exchanged (gates?)", i -> {
                  int gate = index(i, axis) / length;
                  return i + (gate == p ? q - p : gate == q ? p - q : 0) * length * stride;
                });
          }
        }
      }
    }
    return places;
  }

  // ---- a part of an axis --------------------------------------------------------------------------------------------

  private String along(int axis) {
    int size = shape.size(axis);
    int[] indices = IntStream.of(wrong).map(i -> index(i, axis)).distinct().sorted().toArray();
    int first = indices[0];
    int last = indices[indices.length - 1];
    for (int gates : GATES) {
      int length = size / gates;
      if (size % gates == 0 && first / length == last / length) {
        String more = alike(block(axis, length, first / length));
        return (length == 1 ? "wrong only at index " + first + " of axis " + axis
            : "wrong only in block " + (first / length + 1) + " of " + gates + " along axis " + axis + " (a gate?)")
            + (more.isEmpty() ? "" : ": " + more);
      }
    }
    for (int gates : GATES) {
      if (gates > 2 && size % gates == 0 && size > gates && indices.length == size) {
        List<Double> errors = IntStream.range(0, gates)
            .mapToObj(gate -> error(block(axis, size / gates, gate))).toList();
        List<Double> sorted = errors.stream().sorted().toList();
        if (sorted.getLast() > 2 * sorted.get(gates - 2)) {
          return "most wrong in block " + (errors.indexOf(sorted.getLast()) + 1) + " of " + gates + " along axis "
              + axis
              + " (a gate?)";
        }
      }
    }
    return size < 3 || indices.length == size ? ""
        : first == 0 && indices.length == last + 1
            ? "right at the end of axis " + axis + " and wrong before (what is carried back from later steps?)"
            : last == size - 1 && indices.length == size - first
                ? "right at the start of axis " + axis + " and wrong after" : "";
  }

  /// The compared elements of a block of this length along an axis.
  private int[] block(int axis, int length, int number) {
    return IntStream.of(compared).filter(i -> index(i, axis) / length == number).toArray();
  }

  /// The relative error of elements together.
  private double error(int[] elements) {
    return Math.sqrt(IntStream.of(elements).mapToDouble(i -> Math.pow(analytic(i) - numerical(i), 2)).sum()
        / IntStream.of(elements).mapToDouble(i -> Math.pow(numerical(i), 2)).sum());
  }
}

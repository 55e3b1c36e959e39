package dev.rewind.autograd.check;

import dev.rewind.autograd.check.Comparer.Findings;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// Which mistake makes a gradient that is wrong in this way: a factor, a sign, sum against mean, transposed, exchanged,
/// shifted by a step, one gate, nothing carried back in time. It is looked for in each part, and is no more than a
/// hint.
final class Hints {
  private static final double NEAR = 1e-3; // relative
  private static final List<Integer> GATES = List.of(4, 3, 2);

  private final List<Findings> all;
  private final Findings findings;
  private final int[] compared;
  private final int[] wrong;

  private Hints(List<Findings> all, Findings findings) {
    this.all = all;
    this.findings = findings;
    this.compared = IntStream.range(0, findings.found().length).filter(i -> findings.found()[i] != null
        && Double.isFinite(findings.found()[i].numerical())).toArray();
    this.wrong = IntStream.of(compared).filter(findings::isWrong).toArray();
  }

  /// In words; empty if no pattern is found and nothing is right.
  static String of(List<Findings> all) {
    Map<String, List<String>> parts = new LinkedHashMap<>();
    List<String> wrong = new ArrayList<>();
    boolean othersAreRight = false;
    for (Findings findings : all) {
      Hints hints = new Hints(all, findings);
      if (hints.wrong.length == 0) {
        othersAreRight |= findings.scale() > 0;
        continue;
      }
      wrong.add(findings.part().name());
      String pattern = hints.pattern();
      if (!pattern.isEmpty()) {
        parts.computeIfAbsent(pattern, _ -> new ArrayList<>()).add(findings.part().name());
      }
    }
    List<String> sentences = new ArrayList<>();
    parts.forEach((pattern, names) -> sentences.add(String.join(", ", names) + ": " + pattern));
    if (othersAreRight && !wrong.isEmpty()) {
      sentences.add("the others are right, so what they share is: look at what is done for " + String.join(", ", wrong)
          + " alone");
    }
    return String.join("; ", sentences);
  }

  private double analytic(int element) {
    return findings.analytic()[element];
  }

  private double numerical(int element) {
    return findings.found()[element].numerical();
  }

  private boolean isNear(double expected, int element) {
    return Math.abs(expected - numerical(element)) <= 3 * findings.found()[element].tolerated();
  }

  /// Whether the gradient would be right with its elements at other places, negative where there is none.
  private boolean isRightAt(IntUnaryOperator place) {
    return IntStream.of(compared).allMatch(i -> place.applyAsInt(i) < 0 || isNear(analytic(place.applyAsInt(i)), i));
  }

  private String pattern() {
    String times = times(compared);
    if (!times.isEmpty()) {
      return times;
    }
    for (Findings other : all) {
      if (other != findings && other.part().shape().equals(findings.part().shape())
          && IntStream.of(compared).allMatch(i -> isNear(other.analytic()[i], i))) {
        return "exchanged with " + other.part().name();
      }
    }
    String moved = isRightAt(i -> i) ? "" : moved();
    if (!moved.isEmpty()) {
      return moved;
    }
    for (int axis = 0; axis < shape().rank(); axis++) {
      String along = along(axis);
      if (!along.isEmpty()) {
        return along;
      }
    }
    return where(wrong);
  }

  /// The block of an axis whose relative error is at least twice that of each other.
  private String mostWrong(int axis, int gates) {
    int size = shape().size(axis);
    double[] off = new double[gates];
    double[] norm = new double[gates];
    for (int i : compared) {
      int gate = i / stride(axis) % size / (size / gates);
      off[gate] += Math.pow(analytic(i) - numerical(i), 2);
      norm[gate] += numerical(i) * numerical(i);
    }
    for (int gate = 0; gate < gates; gate++) {
      off[gate] = Math.sqrt(off[gate] / norm[gate]);
    }
    double[] sorted = Arrays.stream(off).sorted().toArray();
    int worst = IntStream.range(0, gates).filter(gate -> off[gate] == sorted[gates - 1]).findFirst().orElse(0);
    return sorted[gates - 1] > 2 * sorted[gates - 2]
        ? "most wrong in block " + (worst + 1) + " of " + gates + " along axis " + axis + " (a gate?)" : "";
  }

  /// What holds for these elements alike.
  private String where(int[] elements) {
    String times = times(elements);
    if (!times.isEmpty()) {
      return times;
    }
    if (IntStream.of(elements).allMatch(i -> isNear(0, i))) {
      return "it should be zero where it is wrong (masked, padded, or cut off?)";
    }
    return "";
  }

  /// A constant factor of at least two elements.
  private String times(int[] elements) {
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
      return "the sign is the other";
    }
    String name = String.format(Locale.ROOT, "%.6g times what it should be", factor);
    double size = Math.abs(factor) > 1 ? Math.abs(factor) : 1 / Math.abs(factor);
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

  private Shape shape() {
    return findings.part().shape();
  }

  /// Elements at wrong places.
  private String moved() {
    int rank = shape().rank();
    int rows = rank == 2 ? shape().size(0) : 0;
    int columns = rank == 2 ? shape().size(1) : 0;
    if (rank == 2 && isRightAt(i -> i % columns * rows + i / columns)) {
      return "transposed";
    }
    if (rank == 2 && rows != columns && (rows % Math.max(1, columns) == 0 || columns % Math.max(1, rows) == 0)) {
      int n = Math.min(rows, columns); // blocks of [n, n] below or beside one another
      boolean below = isRightAt(i -> i / (n * n) * (n * n) + i % n * n + i / n % n);
      boolean beside = isRightAt(i -> i % columns % n * columns + i % columns / n * n + i / columns);
      if (rows > columns && below || rows < columns && beside) {
        return "each block of " + n + " by " + n + " is transposed";
      }
    }
    for (int axis = 0; axis < rank; axis++) {
      int size = shape().size(axis);
      int stride = stride(axis);
      for (int step : new int[] {1, -1}) {
        IntUnaryOperator shifted = i -> {
          int to = i / stride % size + step;
          return to < 0 || to >= size ? -1 : i + step * stride;
        };
        if (size > 2 && isRightAt(shifted)) {
          return "shifted by one along axis " + axis + " (a step " + (step > 0 ? "late" : "early") + "?)";
        }
      }
      if (size > 1 && isRightAt(i -> i + (size - 1 - 2 * (i / stride % size)) * stride)) {
        return "in reverse order along axis " + axis;
      }
      for (int gates : GATES) {
        int length = size / gates * stride; // of a block of a gate, in elements
        for (int p = 0; size % gates == 0 && p < gates; p++) {
          for (int q = p + 1; q < gates; q++) {
            int first = p;
            int second = q;
            if (isRightAt(i -> {
              int gate = i / length % gates;
              return gate == first ? i + (second - first) * length
                  : gate == second ? i - (second - first) * length : i;
            })) {
              return "blocks " + (p + 1) + " and " + (q + 1) + " of " + gates + " along axis " + axis
                  + " are exchanged (gates?)";
            }
          }
        }
      }
    }
    return "";
  }

  private int stride(int axis) {
    return IntStream.range(axis + 1, shape().rank()).map(shape()::size).reduce(1, (a, b) -> a * b);
  }

  /// Wrong in a part of an axis.
  private String along(int axis) {
    int size = shape().size(axis);
    int stride = stride(axis);
    int[] indices = IntStream.of(wrong).map(i -> i / stride % size).sorted().distinct().toArray();
    int first = indices[0];
    int last = indices[indices.length - 1];
    for (int gates : GATES) {
      int length = size / gates;
      if (size % gates == 0 && size >= gates && first / length == last / length) {
        int[] within = IntStream.of(compared).filter(i -> i / stride % size / length == first / length).toArray();
        String more = where(within);
        return "wrong only in block " + (first / length + 1) + " of " + gates + " along axis " + axis + " (a gate?)"
            + (more.isEmpty() ? "" : ", where " + more);
      }
    }
    for (int gates : new int[] {4, 3}) {
      String most = size % gates == 0 && size > gates && indices.length == size ? mostWrong(axis, gates) : "";
      if (!most.isEmpty()) {
        return most;
      }
    }
    if (size > 2 && indices.length < size) {
      return last < size - 1 && indices.length == last + 1 && first == 0
          ? "right at the end of axis " + axis + " and wrong before (what is carried back from later steps?)"
          : first > 0 && indices.length == size - first
              ? "right at the start of axis " + axis + " and wrong after" : "";
    }
    return "";
  }
}

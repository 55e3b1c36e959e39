package dev.rewind.nn.names;

import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Dotted names, such as `cells.0.weight_ih`, of parameters within parts within parts.
public final class Names {
  private static final int SHOWN = 5;

  private Names() {}

  /// The names that an expression stands for: `wanted` is a name, or the name of a part with all that is in it, or a
  /// regular expression for such names as a whole.
  ///
  /// @throws IllegalArgumentException if there is none, naming the operation and the nearest names
  public static List<String> matching(String operation, String wanted, Collection<String> names) {
    Pattern pattern = pattern(operation, wanted);
    List<String> matching = names.stream().filter(name -> pattern.matcher(name).matches()).toList();
    if (matching.isEmpty()) {
      List<String> near = names.stream().flatMap(Names::partsOf).distinct()
          .sorted(Comparator.comparingInt(name -> distance(wanted.chars().toArray(), name.chars().toArray()))).toList();
      throw new IllegalArgumentException(
          operation + ": '" + wanted + "' is not a parameter, a part, or a regular expression for "
              + "some; the nearest are " + some(near));
    }
    return matching;
  }

  private static Pattern pattern(String operation, String wanted) {
    try {
      return Pattern.compile("(?:" + Pattern.compile(wanted) + ")(?:\\..*)?");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          operation + ": '" + wanted + "' is not the name of a parameter or part, and not a regular "
              + "expression: " + e.getDescription(),
          e);
    }
  }

  /// The first few, and how many more there are.
  public static String some(List<?> all) {
    String few = all.stream().limit(SHOWN).map(Object::toString).collect(Collectors.joining(", "));
    return all.size() <= SHOWN ? few : few + " and " + (all.size() - SHOWN) + " more";
  }

  /// Requires tensors under the same names as `wanted`, of the same dtypes and shapes.
  ///
  /// @param operation what the message begins with
  /// @param leftOver what it says of a name that is not wanted
  /// @throws IllegalArgumentException naming every one that is missing, left over, or of another shape or dtype
  public static void requireLike(
      String operation, Map<String, Tensor> wanted, Map<String, Tensor> given, String leftOver) {
    List<String> faults = new ArrayList<>();
    wanted.forEach((name, like) -> {
      Tensor value = given.get(name);
      if (value == null) {
        faults.add(name + " is missing");
      } else if (value.dtype() != like.dtype() || !value.shape().equals(like.shape())) {
        faults.add(
            name + " is " + value.dtype() + " " + value.shape() + ", wanted " + like.dtype() + " " + like.shape());
      }
    });
    given.keySet().stream().filter(name -> !wanted.containsKey(name)).forEach(name -> faults.add(name + leftOver));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(operation + ": " + String.join("; ", faults));
    }
  }

  /// `a`, `a.b`, `a.b.c` of `a.b.c`.
  private static Stream<String> partsOf(String name) {
    return IntStream.rangeClosed(1, name.length())
        .filter(end -> end == name.length() || name.charAt(end) == '.').mapToObj(end -> name.substring(0, end));
  }

  /// How many characters, or other symbols, must be put in, left out or replaced to make one text of the other
  /// (Levenshtein 1966).
  public static int distance(int[] a, int[] b) {
    int[] before = IntStream.rangeClosed(0, b.length).toArray();
    for (int i = 1; i <= a.length; i++) {
      int[] row = new int[b.length + 1];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
      }
      before = row;
    }
    return before[b.length];
  }
}

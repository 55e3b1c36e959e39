package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.tensor.DType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The table of [Block#summary]. A shared parameter counts where it comes first, so that parts add up to the whole.
final class Summary {
  /// @param kind the class of a part, the shape of a parameter, before it the dtype if that is not FLOAT32
  /// @param elements with separators; empty for a parameter that was counted before
  private record Row(String name, String kind, String elements, String note) {}

  private final List<Row> rows = new ArrayList<>();
  private final Map<Param, String> seen = new IdentityHashMap<>();

  private Summary() {}

  static String of(Block module) {
    Summary summary = new Summary();
    summary.rows.add(new Row("name", "kind", "elements", ""));
    Count count = summary.add("", module);
    summary.rows.add(summary.row("total", module, count));
    return summary.format();
  }

  private record Count(long elements, long frozen) {
    Count plus(Count other) {
      return new Count(elements + other.elements, frozen + other.frozen);
    }
  }

  private Count add(String prefix, Block module) {
    Count count = new Count(0, 0);
    for (Map.Entry<String, Param> entry : module.own().entrySet()) {
      count = count.plus(add(prefix + entry.getKey(), entry.getValue()));
    }
    for (Map.Entry<String, Block> entry : module.children().entrySet()) {
      String name = prefix + entry.getKey();
      int place = rows.size();
      Count part = add(name + ".", entry.getValue());
      rows.add(place, row(name, entry.getValue(), part));
      count = count.plus(part);
    }
    return count;
  }

  private Count add(String name, Param parameter) {
    String first = seen.putIfAbsent(parameter, name);
    long elements = first == null ? parameter.value().elements() : 0;
    String note = first != null ? "shared with " + first : parameter.isFrozen() ? "frozen" : "";
    String dtype = parameter.dtype() == DType.FLOAT32 ? "" : parameter.dtype() + " ";
    rows.add(new Row(name, dtype + parameter.value().shape(), first == null ? number(elements) : "", note));
    return new Count(elements, parameter.isFrozen() ? elements : 0);
  }

  private Row row(String name, Block module, Count count) {
    return new Row(name, module.getClass().getSimpleName(), number(count.elements),
        count.frozen == 0 ? "" : count.frozen == count.elements ? "frozen" : number(count.frozen) + " frozen");
  }

  static String number(long elements) {
    return String.format(Locale.ROOT, "%,d", elements);
  }

  private String format() {
    int names = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
    int kinds = rows.stream().mapToInt(row -> row.kind.length()).max().orElse(0);
    int elements = rows.stream().mapToInt(row -> row.elements.length()).max().orElse(0);
    String line = "%-" + names + "s  %-" + Math.max(1, kinds) + "s  %" + elements + "s  %s";
    StringBuilder table = new StringBuilder();
    for (Row row : rows) {
      table.append(String.format(Locale.ROOT, line, row.name, row.kind, row.elements, row.note).stripTrailing())
          .append('\n');
    }
    return table.toString();
  }
}

package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.tensor.DType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/// The table of [Block#summary]. A shared parameter counts where it comes first, so that parts add up to the whole.
final class Summary {
  /// @param kind the class of a part, the shape of a parameter, before it the dtype if that is not FLOAT32
  /// @param output the shape that a part returned, if there was an example
  /// @param elements with separators; empty for a parameter that was counted before
  private record Row(String name, String kind, String output, String elements, String note) {}

  private final List<Row> rows = new ArrayList<>();
  private final Map<Param, String> seen = new IdentityHashMap<>();

  private final Shapes shapes; // null without an example

  private Summary(Shapes shapes) {
    this.shapes = shapes;
  }

  static String of(Block module, Shapes shapes) {
    Summary summary = new Summary(shapes);
    summary.rows.add(new Row("name", "kind", shapes == null ? "" : "output", "elements", ""));
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
    rows.add(new Row(name, dtype + parameter.value().shape(), "", first == null ? number(elements) : "", note));
    return new Count(elements, parameter.isFrozen() ? elements : 0);
  }

  private Row row(String name, Block module, Count count) {
    return new Row(name, module.getClass().getSimpleName(), shapes == null ? "" : shapes.of(module),
        number(count.elements),
        count.frozen == 0 ? "" : count.frozen == count.elements ? "frozen" : number(count.frozen) + " frozen");
  }

  static String number(long elements) {
    return String.format(Locale.ROOT, "%,d", elements);
  }

  private String format() {
    String line = column("-", Row::name) + column("-", Row::kind) + (shapes == null ? "%s" : column("-", Row::output))
        + column("", Row::elements) + "%s";
    StringBuilder table = new StringBuilder();
    for (Row row : rows) {
      table.append(String.format(Locale.ROOT, line, row.name, row.kind, row.output, row.elements, row.note)
          .stripTrailing()).append('\n');
    }
    return table.toString();
  }

  /// The format of a column as wide as its longest text.
  private String column(String flag, Function<Row, String> text) {
    return "%" + flag + rows.stream().mapToInt(row -> text.apply(row).length()).max().orElseThrow() + "s  ";
  }
}

package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What a tape has recorded, to be shown: leaves and parameters, and the operations in the order in which they ran.
/// Every variable has a number, which stands as `#3` in texts. Constants are not recorded, and not shown.
///
/// @param leaves what gradients are asked for
/// @param operations what was recorded
public record Graph(List<Leaf> leaves, List<Operation> operations) {
  /// A variable that no operation gave.
  ///
  /// @param id its number
  /// @param name that of a parameter; empty for another variable
  /// @param shape its shape
  public record Leaf(int id, String name, Shape shape) {
    /// Whether it is a parameter.
    public boolean isParameter() {
      return !name.isEmpty();
    }

    private String label() {
      return (isParameter() ? name : "leaf") + " " + shape;
    }
  }

  /// An operation.
  ///
  /// @param id the number of its first result; the others follow
  /// @param name such as `matmul`
  /// @param arguments the numbers of what it reads
  /// @param results the shapes of its results
  public record Operation(int id, String name, List<Integer> arguments, List<Shape> results) {
    /// Copies the lists.
    public Operation {
      arguments = List.copyOf(arguments);
      results = List.copyOf(results);
    }

    /// The shapes of its results, such as `[4, 2]` or `3 x [4, 1]`.
    public String shapes() {
      return results.size() > 1 && Set.copyOf(results).size() == 1
          ? results.size() + " x " + results.getFirst()
          : results.stream().map(Shape::toString).collect(Collectors.joining(", "));
    }

    private String label() {
      return name + " " + shapes();
    }
  }

  /// Copies the lists.
  public Graph {
    leaves = List.copyOf(leaves);
    operations = List.copyOf(operations);
  }

  static Graph of(Tape tape, Map<String, Param> parameters) {
    Map<Param, String> names = new HashMap<>();
    parameters.forEach((name, parameter) -> names.putIfAbsent(parameter, name));
    List<Operation> operations = new ArrayList<>();
    Set<Integer> given = new HashSet<>();
    for (Node node : tape.nodes) {
      List<Integer> arguments = new ArrayList<>();
      node.forEachArgument(arguments::add);
      operations.add(new Operation(node.slot, node.operation, arguments, node.shapes()));
      for (int i = 0; i < node.results; i++) {
        given.add(node.slot + i);
      }
    }
    List<Leaf> leaves = new ArrayList<>();
    tape.leaves.parameters().values().forEach(given::add);
    tape.leaves.retained().forEach((slot, variable) -> {
      if (given.add(slot)) {
        leaves.add(new Leaf(slot, "", variable.shape()));
      }
    });
    tape.leaves.parameters().forEach((parameter, slot) -> leaves.add(
        new Leaf(slot, names.getOrDefault(parameter, parameter.name()), parameter.value().shape())));
    return new Graph(leaves, operations);
  }

  /// A line for each leaf and each operation, with the shapes of what it reads and gives:
  ///
  /// ```
  /// #0        leaf       [4, 3]
  /// #1        parameter  weight [3, 2]
  /// #2        matmul     #0 [4, 3], weight [3, 2] -> [4, 2]
  /// #3..#4    split      #2 [4, 2] -> 2 x [4, 1]
  /// ```
  @Override
  public String toString() {
    Map<Integer, String> names = new HashMap<>(); // with their shapes
    StringBuilder lines = new StringBuilder();
    for (Leaf leaf : leaves) {
      names.put(leaf.id, (leaf.isParameter() ? leaf.name : "#" + leaf.id) + " " + leaf.shape);
      addLine(lines, "#" + leaf.id, leaf.isParameter() ? "parameter" : "leaf",
          leaf.isParameter() ? leaf.label() : leaf.shape.toString());
    }
    for (Operation operation : operations) {
      int last = operation.id + operation.results.size() - 1;
      for (int id = operation.id; id <= last; id++) {
        names.put(id, "#" + id + " " + operation.results.get(id - operation.id));
      }
      addLine(lines, last == operation.id ? "#" + last : "#" + operation.id + "..#" + last, operation.name,
          abridged(operation.arguments.stream().map(names::get).toList()) + " -> " + operation.shapes());
    }
    return lines.toString();
  }

  private static String abridged(List<String> names) {
    return names.size() <= 4 ? String.join(", ", names)
        : names.getFirst() + ", .. " + (names.size() - 2) + " more .., " + names.getLast();
  }

  private static void addLine(StringBuilder lines, String ids, String name, String what) {
    lines.append("%-9s %-10s %s\n".formatted(ids, name, what));
  }

  /// The graph in Graphviz's language, to be drawn by `dot -Tsvg`: an ellipse for each leaf, a box for each operation.
  public String graphviz() {
    return drawn("digraph tape {\n  rankdir=TB;\n  node [shape=box];\n", "  n%d [shape=ellipse, label=\"%s\"];\n",
        "  n%d [label=\"%s\"];\n", "  n%d -> n%d;\n", "\\\"") + "}\n";
  }

  /// The graph as a flowchart of Mermaid, which many sites draw where it stands in a block of Markdown.
  public String mermaid() {
    return drawn("flowchart TB\n", "  n%d([\"%s\"])\n", "  n%d[\"%s\"]\n", "  n%d --> n%d\n", "#quot;");
  }

  private String drawn(String beginning, String leafLine, String operationLine, String arrow, String quote) {
    StringBuilder out = new StringBuilder(beginning);
    Map<Integer, Integer> boxes = new HashMap<>(); // of all results of an operation, that of the first
    for (Leaf leaf : leaves) {
      out.append(leafLine.formatted(leaf.id, escaped(leaf.label(), quote)));
    }
    for (Operation operation : operations) {
      out.append(operationLine.formatted(operation.id, escaped(operation.label(), quote)));
      operation.arguments.forEach(id -> out.append(arrow.formatted(boxes.getOrDefault(id, id), operation.id)));
      for (int i = 0; i < operation.results.size(); i++) {
        boxes.put(operation.id + i, operation.id);
      }
    }
    return out.toString();
  }

  private static String escaped(String label, String quote) {
    return label.replace("\\", quote.startsWith("\\") ? "\\\\" : "\\").replace("\"", quote);
  }
}

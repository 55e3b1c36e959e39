package dev.rewind.autograd;

import java.util.Arrays;
import java.util.List;

/// A picture of what a tape has recorded, in Graphviz's language: an ellipse for each leaf and parameter, a box for
/// each operation with the shapes of its results. Constants are not recorded, and not shown.
final class Graph {
  private static final int LEAF = -1;

  private final Tape tape;
  private final StringBuilder out = new StringBuilder();

  private Graph(Tape tape) {
    this.tape = tape;
  }

  static String of(Tape tape) {
    Graph graph = new Graph(tape);
    graph.draw();
    return graph.out.toString();
  }

  private void draw() {
    out.append("digraph tape {\n  rankdir=TB;\n  node [shape=box];\n");
    int[] first = new int[tape.slots()]; // the first result of the operation that gave a slot, or LEAF
    Arrays.fill(first, LEAF);
    for (Node node : tape.nodes) {
      Arrays.fill(first, node.slot, node.slot + node.results, node.slot);
    }
    for (int slot = 0; slot < first.length; slot++) {
      if (first[slot] == LEAF) {
        drawLeaf(slot);
      }
    }
    for (Node node : tape.nodes) {
      draw(node, first);
    }
    out.append("}\n");
  }

  private void drawLeaf(int slot) {
    Param parameter = tape.parameters.get(slot);
    if (parameter != null) {
      box(slot, "shape=ellipse, style=bold, ", parameter.toString());
    } else if (tape.retained.containsKey(slot)) {
      box(slot, "shape=ellipse, ", "leaf " + tape.retained.get(slot).shape());
    }
  }

  private void draw(Node node, int[] first) {
    List<String> shapes = node.shapes().stream().map(Object::toString).toList();
    box(node.slot, "", node.operation + " " + String.join(" ", shapes));
    node.forEachArgument(slot -> {
      int from = first[slot] == LEAF ? slot : first[slot];
      out.append("  n").append(from).append(" -> n").append(node.slot).append(";\n");
    });
  }

  private void box(int slot, String style, String label) {
    String quoted = label.replace("\\", "\\\\").replace("\"", "\\\"");
    out.append("  n").append(slot).append(" [").append(style).append("label=\"").append(quoted).append("\"];\n");
  }
}

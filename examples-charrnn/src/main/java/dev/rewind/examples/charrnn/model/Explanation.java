package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Graph;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Losses;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How a model reads one batch, in the list form: what every operation reads and gives. It is made by running the model
/// on a tape, so that it cannot say what the model does not do.
///
/// @param sections in the order of the computation
/// @param graph all that was recorded
public record Explanation(List<Section> sections, Graph graph) {
  /// A part of the computation.
  ///
  /// @param heading what happens
  /// @param lines its details
  public record Section(String heading, List<String> lines) {}

  /// The kinds of texts that it can be shown as.
  public enum Format {
    /// Plain lines.
    TEXT,
    /// A flowchart of all operations, for a block of that language in Markdown.
    MERMAID,
    /// A page that needs nothing else.
    HTML;

    /// The name in options.
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param ids the symbols to read and one more for each text, INT32 `[B, T + 1]`
  public static <S extends State<S>> Explanation of(CharRnn<S> model, Vocabulary vocabulary, Tensor ids) {
    int steps = ids.size(1) - 1;
    Tensor inputs = ids.slice(1, 0, steps);
    Tensor targets = ids.slice(1, 1, steps + 1);
    List<Section> sections = new ArrayList<>();
    sections.add(read(model.options(), vocabulary, inputs, targets));
    sections.add(parameters(model));
    try (Tape tape = Tape.recording(TapeOptions.defaults().deterministic())) { // dropout would draw
      Writer writer = new Writer(tape, model.namedParameters());
      StackedState<S> state = model.initialState(tape, ids.size(0)).map(leaf -> tape.watch(leaf.value())); // to be seen
      writer.start(state.names());
      List<Variable> inputsOfSteps = model.steps(tape, inputs);
      writer.section("embed: a row of the table for each symbol, [B, T, E]; split along time, T x [B, 1, E]; "
          + "squeeze that axis, T x [B, E]");
      List<Variable> outputs = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        Step<StackedState<S>> step = model.cell().step(inputsOfSteps.get(t), state);
        outputs.add(step.output());
        state = step.state();
        writer.step("step " + (t + 1) + " of " + steps + ": one symbol of each text, [B, E], and the state before it: "
            + "an output [B, H], and the state after it", t);
      }
      List<Variable> logits = outputs.stream().map(model::project).toList();
      writer.section("project: every output by the same matrix, T x [B, V]");
      Variable loss = Losses.crossEntropy(Variable.stack(1, logits), targets);
      writer.section("stack to [B, T, V]; the loss takes them with the targets [B, T], softmax within: a number");
      sections.addAll(writer.sections);
      sections.add(carried(state));
      sections.add(new Section("the loss", List.of(String.format(Locale.ROOT,
          "%.4f nats per symbol; a model that knows nothing has log V = %.4f", loss.item(),
          Math.log(vocabulary.size())))));
      return new Explanation(List.copyOf(sections), writer.graph);
    }
  }

  private static Section read(ModelOptions options, Vocabulary vocabulary, Tensor inputs, Tensor targets) {
    List<String> lines = new ArrayList<>();
    for (int b = 0; b < inputs.size(0); b++) {
      lines.add("inputs " + shown(vocabulary, inputs.select(0, b)) + "  targets "
          + shown(vocabulary, targets.select(0, b)));
    }
    return new Section(String.format(Locale.ROOT,
        "read: ids [B, T] = %s and as many targets, the symbols that come next (V = %d, E = %d, H = %d, %d x %s)",
        inputs.shape(), options.symbols(), options.embedding(), options.hidden(), options.layers(),
        options.cell().label()), lines);
  }

  private static String shown(Vocabulary vocabulary, Tensor ids) {
    return '"' + vocabulary.decode(ids.toInts()).replace("\n", "\\n").replace("\r", "\\r") + '"';
  }

  private static Section parameters(CharRnn<?> model) {
    List<String> blocks = model.options().cell().blocks();
    List<String> lines = new ArrayList<>();
    model.namedParameters().forEach((name, parameter) -> {
      Shape shape = parameter.value().shape();
      Param inputWeight = model.namedParameters().get(name.replaceFirst("[^.]*$", "weight_ih"));
      boolean inBlocks = !blocks.isEmpty() && inputWeight != null && shape.size(0) == inputWeight.value().size(0);
      lines.add(String.format(Locale.ROOT, "%-20s %-12s %,12d%s", name, shape, parameter.value().elements(),
          inBlocks ? "  " + blocks.size() + " blocks of " + shape.size(0) / blocks.size() + " rows: "
              + String.join(", ", blocks) : ""));
    });
    lines.add(String.format(Locale.ROOT, "%-20s %-12s %,12d", "in all", "", model.parameterCount()));
    return new Section("parameters, which the operations below read by name", lines);
  }

  private static <S extends State<S>> Section carried(StackedState<S> state) {
    List<Variable> leaves = state.leaves();
    return new Section("carried to the next window, as numbers: the gradient is cut here", IntStream
        .range(0, leaves.size()).mapToObj(k -> state.names().get(k) + " " + leaves.get(k).shape()).toList());
  }

  /// Cuts what a tape records into sections.
  private static final class Writer {
    private final List<Section> sections = new ArrayList<>();
    private final Tape tape;
    private final Map<String, Param> names;
    private Graph graph;
    private int written; // operations
    private List<Graph.Operation> firstStep = List.of();

    Writer(Tape tape, Map<String, Param> names) {
      this.tape = tape;
      this.names = names;
    }

    /// The state before the window.
    void start(List<String> leaves) {
      List<Graph.Leaf> found = tape.describe(names).leaves();
      sections.add(new Section("the state before the window: zeros at first, then numbers from the window before",
          IntStream.range(0, leaves.size())
              .mapToObj(k -> "%-9s %s %s".formatted("#" + found.get(k).id(), leaves.get(k), found.get(k).shape()))
              .toList()));
    }

    /// All that was recorded since the last one.
    List<Graph.Operation> section(String heading) {
      graph = tape.describe(names);
      List<Graph.Operation> operations = graph.operations().subList(written, graph.operations().size());
      List<String> lines = graph.toString().lines().skip(graph.leaves().size() + (long) written).toList();
      sections.add(new Section(heading, lines));
      written = graph.operations().size();
      return operations;
    }

    /// A step, in short if it does what the first did.
    void step(String heading, int t) {
      List<Graph.Operation> operations = section(heading);
      if (t == 0) {
        firstStep = operations;
      } else if (shapes(operations).equals(shapes(firstStep))) {
        sections.set(sections.size() - 1, new Section(heading,
            List.of("the same " + operations.size() + " operations, on the state that step " + t + " gave")));
      }
    }

    private static List<String> shapes(List<Graph.Operation> operations) {
      return operations.stream().map(operation -> operation.name() + " " + operation.shapes()).toList();
    }
  }

  /// The text in a format.
  public String as(Format format) {
    return switch (format) {
      case TEXT -> text();
      case MERMAID -> graph.mermaid();
      case HTML -> html();
    };
  }

  private String text() {
    return sections.stream().map(section -> section.heading + "\n" + section.lines.stream()
        .map(line -> "  " + line + "\n").collect(Collectors.joining())).collect(Collectors.joining("\n"));
  }

  private String html() {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>How the model reads a batch</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; }
        h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
        pre { overflow-x: auto; padding: .75rem 1rem; border-left: 3px solid #4a7ebb; background: #8881; margin: 0; }
        pre { font-size: clamp(.7rem, 2.2vw, .875rem); } /* a phone shows the numbers, a desktop whole lines */
        </style>
        </head>
        <body>
        <h1>How the model reads a batch</h1>
        """ + sections.stream().map(section -> "<h2>" + escaped(section.heading) + "</h2>\n<pre>"
        + escaped(String.join("\n", section.lines)) + "</pre>\n").collect(Collectors.joining()) + "</body>\n</html>\n";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

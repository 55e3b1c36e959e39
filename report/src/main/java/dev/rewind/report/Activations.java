package dev.rewind.report;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.nn.rnn.Trace;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a cell did while it read one sequence: its outputs, and every state and gate that it names, as [Trace] sees
/// them, step by step.
///
/// ```java
/// Activations seen = Activations.of(cell, inputs);   // inputs [T, E]
/// Tensor forget = seen.signals().get("0.f");         // [T, H], of the first layer of a StackedCell
/// ```
///
/// @param outputs of the cell, `[T, H]`
/// @param signals states and gates by name, in the order of a step, `[T, units]` each
public record Activations(Tensor outputs, Map<String, Tensor> signals) {
  private static final int WINDOW = 256; // steps that one tape sees

  /// Checks the number of steps.
  ///
  /// @throws ShapeException if a signal is not `[T, units]`, T being the number of outputs
  public Activations {
    signals = Collections.unmodifiableMap(new LinkedHashMap<>(signals));
    int steps = outputs.size(0);
    signals.forEach((name, signal) -> {
      if (signal.rank() != 2 || signal.size(0) != steps) {
        throw new ShapeException("activations: '" + name + "' must be [" + steps + ", units], a row for each step, not "
            + signal.shape());
      }
    });
  }

  /// Lets a cell read a sequence from its initial state, without gradients.
  ///
  /// @param inputs `[T, E]`, at least one step
  /// @throws ShapeException if the inputs have another shape
  /// @throws IllegalArgumentException if the cell uses a name not once in each step
  public static <S extends State<S>> Activations of(Cell<S> cell, Tensor inputs) {
    if (inputs.rank() != 2 || inputs.size(0) == 0) {
      throw new ShapeException("activations: wants inputs [steps >= 1, " + cell.inputSize() + "], not "
          + inputs.shape());
    }
    Trace trace = new Trace();
    TapeOptions options = TapeOptions.defaults().withObserver(trace);
    TbpttState<S> carried = new TbpttState<>(cell, 1);
    List<Tensor> outputs = new ArrayList<>();
    Map<String, List<Tensor>> signals = new LinkedHashMap<>();
    for (int from = 0; from < inputs.size(0); from += WINDOW) {
      Tensor window = inputs.slice(0, from, Math.min(from + WINDOW, inputs.size(0)));
      try (Tape tape = Tape.inference(options)) {
        Scanned<S> run = Recurrence.scan(cell, tape.constant(window.unsqueeze(0)), carried.on(tape));
        outputs.add(run.outputs().value().squeeze(0).copy());
        carried.keep(run.state());
      }
      trace.names().forEach(name -> signals.computeIfAbsent(name, _ -> new ArrayList<>())
          .add(rows(name, trace.steps(name), window.size(0))));
      trace.clear();
    }
    Map<String, Tensor> joined = new LinkedHashMap<>();
    signals.forEach((name, parts) -> joined.put(name, Tensor.concat(0, parts)));
    return new Activations(Tensor.concat(0, outputs), joined);
  }

  private static Tensor rows(String name, List<Tensor> seen, int steps) {
    if (seen.size() != steps) {
      throw new IllegalArgumentException("activations: '" + name + "' was seen " + seen.size() + " times in " + steps
          + " steps; name a variable that is computed once in each step, and no other like it");
    }
    Tensor all = Tensor.concat(0, seen); // [T, ..], as the batch is 1
    return all.reshape(Shape.of(steps, all.elements() / steps));
  }

  /// How many steps there are.
  public int steps() {
    return outputs.size(0);
  }
}

package dev.rewind.nn.rnn;

import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// What the cells of a network do, step by step: an observer for a tape that collects states and gates by name, `h` or
/// `f` of a single cell, `1.h` of a layer of [StackedCell], `second.f` of [ThenCell], `backward.c` of [Bidirectional].
///
/// ```java
/// Trace trace = new Trace();
/// try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(trace))) {
///   Recurrence.scan(cell, tape.constant(inputs), cell.initialState(tape, batch));
/// }
/// Tensor forget = trace.of("f");   // [batch, time, hidden]
/// ```
///
/// Steps are counted in the order in which they ran, so a reversed scan shows the last one first. After the end of a
/// shorter sequence, it shows what the cell computes from zeros. With an observer, cells run step by step.
public final class Trace implements BiConsumer<String, Tensor> {
  private final Map<String, List<Tensor>> seen = new LinkedHashMap<>();

  /// An empty trace.
  public Trace() {}

  @Override
  public void accept(String name, Tensor value) {
    seen.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  /// The names that were seen, in order of their first step.
  public Set<String> names() {
    return Collections.unmodifiableSet(seen.keySet());
  }

  /// Everything seen under a name, one tensor for each step, `[batch, ..]`.
  ///
  /// @throws IllegalArgumentException if the name was not seen, with those that were
  public List<Tensor> steps(String name) {
    List<Tensor> steps = seen.get(name);
    if (steps == null) {
      throw new IllegalArgumentException("trace: nothing was seen under '" + name + "', but under " + seen.keySet());
    }
    return List.copyOf(steps);
  }

  /// The same as one tensor, `[batch, time, ..]`.
  public Tensor of(String name) {
    return Tensor.stack(1, steps(name));
  }

  /// Forgets everything seen so far.
  public void clear() {
    seen.clear();
  }
}

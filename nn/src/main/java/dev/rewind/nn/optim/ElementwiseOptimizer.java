package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradient;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Parameter;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// An optimizer whose new value of an element depends on that element, its gradient, and a number of memories of the
/// same shape alone. A subclass is the formula, once for `float[]` and once for `double[]`, in a single pass; this
/// class checks gradients, keeps the memories, cuts large parameters into parts, and saves and loads.
public abstract class ElementwiseOptimizer implements Optimizer {
  private static final int PART = 1 << 16; // elements that one task updates: a size of the data, never of the machine

  /// A parameter, what is remembered of its gradients, and how many there were.
  private static final class Entry {
    final Parameter parameter;
    final List<Tensor> memories;
    final Tensor steps = Tensor.scalar(0);

    Entry(Parameter parameter, int memories) {
      this.parameter = parameter;
      this.memories = Stream.generate(() -> Tensor.zeros(parameter.dtype(), parameter.value().shape()))
          .limit(memories).toList();
    }
  }

  private final List<Entry> entries;
  private final List<String> memories;
  private double learningRate;
  private boolean rowWise;

  /// An optimizer of these parameters.
  ///
  /// @param memories the names of what is remembered, zero at first; empty if nothing is
  protected ElementwiseOptimizer(List<Parameter> parameters, double learningRate, List<String> memories) {
    this.entries = parameters.stream().map(parameter -> new Entry(parameter, memories.size())).toList();
    this.memories = List.copyOf(memories);
    this.learningRate = requireRate(learningRate);
  }

  /// Updates the elements `x[i]` by `g[i]` and `memory[..][i]`, `from <= i < to`, where the memories come in the order
  /// of their names. `step` counts the gradients that this parameter had, this one included. Several parts of one
  /// parameter may be updated at once, by several threads. One index for all arrays is what lets the compiler vectorise
  /// the loop: with an offset for each array, a step of Adam took about four times as long.
  protected abstract void update(float[] x, float[] g, float[][] memory, int from, int to, int step);

  /// The twin of [#update(float\[\], float\[\], float\[\]\[\], int, int, int)] for FLOAT64 parameters.
  protected abstract void update(double[] x, double[] g, double[][] memory, int from, int to, int step);

  @Override
  public final void step(Gradients gradients) {
    List<Entry> moving = entries.stream().filter(entry -> gradients.has(entry.parameter)).toList();
    moving.forEach(entry -> requireFinite(entry.parameter, gradients));
    for (Entry entry : moving) {
      int step = (int) entry.steps.fill(entry.steps.item() + 1).item();
      if (rowWise && gradients.gradient(entry.parameter) instanceof Gradient.Rows rows) {
        stepRows(entry, rows, step);
      } else {
        stepWhole(entry, gradients.of(entry.parameter), step);
      }
    }
  }

  private void stepWhole(Entry entry, Tensor gradient, int step) {
    Tensor value = entry.parameter.value();
    Tensor x = fromStart(value);
    update(x, gradient, entry.memories, step);
    if (x != value) {
      value.assign(x);
    }
  }

  /// Brings the rows together, so that they are updated as a small parameter is, and puts them back.
  private void stepRows(Entry entry, Gradient.Rows rows, int step) {
    Tensor x = entry.parameter.value().gather(rows.indices(), 0);
    List<Tensor> memory = entry.memories.stream().map(m -> m.gather(rows.indices(), 0)).toList();
    update(x, rows.values(), memory, step);
    putRows(x, rows.indices(), entry.parameter.value());
    for (int k = 0; k < memory.size(); k++) {
      putRows(memory.get(k), rows.indices(), entry.memories.get(k));
    }
  }

  private static void putRows(Tensor rows, Tensor indices, Tensor target) {
    int[] at = indices.toInts();
    for (int i = 0; i < at.length; i++) {
      target.select(0, at[i]).assign(rows.select(0, i));
    }
  }

  private void update(Tensor x, Tensor gradient, List<Tensor> memories, int step) {
    Tensor g = fromStart(gradient.to(x.dtype()));
    if (x.dtype() == DType.FLOAT32) {
      float[][] memory = memories.stream().map(Tensor::floatArray).toArray(float[][]::new);
      inParts(x.elements(), (from, to) -> update(x.floatArray(), g.floatArray(), memory, from, to, step));
    } else {
      double[][] memory = memories.stream().map(Tensor::doubleArray).toArray(double[][]::new);
      inParts(x.elements(), (from, to) -> update(x.doubleArray(), g.doubleArray(), memory, from, to, step));
    }
    x.markChanged();
    memories.forEach(Tensor::markChanged);
  }

  /// The tensor, or a copy if its elements are not those at the start of its array, in order.
  private static Tensor fromStart(Tensor x) {
    return x.isContiguous() && x.offset() == 0 ? x : x.copy();
  }

  private interface Part {
    void run(int from, int to);
  }

  private static void inParts(int elements, Part part) {
    if (elements <= PART) {
      part.run(0, elements);
      return;
    }
    Threads.forEach((elements - 1) / PART + 1, task -> {
      int from = task * PART;
      part.run(from, from + Math.min(PART, elements - from));
    });
  }

  /// The sum of squares tells quickly that all is well; as it may overflow, only a look at each element tells that it
  /// is not.
  private static void requireFinite(Parameter parameter, Gradients gradients) {
    Tensor g = gradients.gradient(parameter).values();
    if (!Double.isFinite(g.sumOfSquares()) && g.isFinite().all().item() == 0) {
      throw new IllegalArgumentException("step: the gradient of " + parameter + " is not finite; nothing was changed");
    }
  }

  /// Whether of a table of which rows were looked up only those rows change, and only their memories: a step then costs
  /// what was looked up, not the table (as PyTorch's `SparseAdam`). It is another formula where there are memories or
  /// decay, since rows without a gradient rest; by default every row moves.
  public final void rowWise(boolean value) {
    rowWise = value;
  }

  @Override
  public final double learningRate() {
    return learningRate;
  }

  @Override
  public final void learningRate(double rate) {
    learningRate = requireRate(rate);
  }

  private static double requireRate(double rate) {
    return requireRange("the learning rate", rate, Double.POSITIVE_INFINITY);
  }

  /// The value, if it is in `[0, limit)`; else an [IllegalArgumentException] that names it.
  static double requireRange(String name, double value, double limit) {
    if (!(value >= 0 && value < limit)) {
      throw new IllegalArgumentException("optimizer: " + name + " must be in [0, " + limit + "), not " + value);
    }
    return value;
  }

  // ---- saving and loading -------------------------------------------------------------------------------------------

  /// The tensors themselves under names such as `0.steps` and `0.mean`: the place in the list of parameters leads.
  private Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      all.put(i + ".steps", entries.get(i).steps);
      for (int k = 0; k < memories.size(); k++) {
        all.put(i + "." + memories.get(k), entries.get(i).memories.get(k));
      }
    }
    return all;
  }

  @Override
  public final Map<String, Tensor> state() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    tensors().forEach((name, tensor) -> copies.put(name, tensor.copy()));
    return copies;
  }

  @Override
  public final void load(Map<String, Tensor> state) {
    Map<String, Tensor> mine = tensors();
    List<String> faults = new ArrayList<>();
    mine.forEach((name, tensor) -> {
      Tensor value = state.get(name);
      if (value == null) {
        faults.add(name + " is missing");
      } else if (value.dtype() != tensor.dtype() || !value.shape().equals(tensor.shape())) {
        faults.add(name + " is " + value.dtype() + " " + value.shape() + ", wanted " + tensor.dtype() + " "
            + tensor.shape());
      }
    });
    state.keySet().stream().filter(name -> !mine.containsKey(name)).forEach(name -> faults.add(name + " is unknown"));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("load: the state of the optimizer: " + String.join("; ", faults));
    }
    mine.forEach((name, tensor) -> tensor.assign(state.get(name)));
  }
}

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
/// class checks gradients, keeps the memories, cuts the work into parts for several threads, and saves and loads.
///
/// Parameters are known by the names of a map, such as that of [dev.rewind.nn.Module#namedParameters]; those of a list by their
/// place and their own name, `0.weight`. Groups of them can have a learning rate and a weight decay of their own. Every
/// constructor refuses a parameter that comes twice, and a learning rate that is not finite and at least 0, by an
/// [IllegalArgumentException].
public abstract class ElementwiseOptimizer implements Optimizer {
  private static final int PART = 1 << 14; // elements that one task updates: a size of the data, never of the machine
  private static final double CERTAINLY_FLOAT = 1e38;

  /// A parameter, what is remembered of its gradients, how many there were, and what holds for its group.
  private static final class Entry {
    final String name;
    final Parameter parameter;
    final List<Tensor> memories;
    final Tensor steps = Tensor.scalar(0);
    double rateFactor = 1;
    double decay;

    Entry(String name, Parameter parameter, int memories, double decay) {
      this.name = name;
      this.parameter = parameter;
      this.memories = Stream.generate(() -> Tensor.zeros(parameter.dtype(), parameter.value().shape()))
          .limit(memories).toList();
      this.decay = decay;
    }
  }

  /// The numbers of one update.
  ///
  /// @param rate the learning rate
  /// @param decay the weight decay
  /// @param scale by what the gradient is to be multiplied first
  /// @param step how many gradients the parameter had, this one included
  protected record Update(double rate, double decay, double scale, int step) {}

  private final List<Entry> entries = new ArrayList<>();
  private final List<String> memories;
  private double learningRate;
  private boolean rowWise;

  /// An optimizer of these parameters.
  ///
  /// @param memories the names of what is remembered, zero at first; empty if nothing is
  /// @throws IllegalArgumentException if a parameter comes twice
  protected ElementwiseOptimizer(
      Map<String, Parameter> parameters, double learningRate, double decay, List<String> memories) {
    parameters.forEach((name, parameter) -> {
      entries.stream().filter(entry -> entry.parameter == parameter).findFirst().ifPresent(entry -> {
        throw new IllegalArgumentException("optimizer: " + entry.name + " and " + name + " are one parameter");
      });
      entries.add(new Entry(name, parameter, memories.size(), decay));
    });
    this.memories = List.copyOf(memories);
    this.learningRate = requireRate(learningRate);
  }

  /// The parameters of a list under the names `0.weight`, `1.bias`, ..
  protected static Map<String, Parameter> numbered(List<Parameter> parameters) {
    Map<String, Parameter> named = new LinkedHashMap<>();
    parameters.forEach(parameter -> named.put(named.size() + "." + parameter.name(), parameter));
    return named;
  }

  /// Updates the elements `x[i]` by `g[i]` and `memory[..][i]`, `from <= i < to`, where the memories come in the order
  /// of their names. Several parts may be updated at once, by several threads. One index for all arrays is what lets the
  /// compiler vectorise the loop: with an offset for each array, a step of Adam took about four times as long.
  protected abstract void update(float[] x, float[] g, float[][] memory, int from, int to, Update how);

  /// The twin of [#update(float\[\], float\[\], float\[\]\[\], int, int, Update)] for FLOAT64 parameters.
  protected abstract void update(double[] x, double[] g, double[][] memory, int from, int to, Update how);

  // ---- groups ---------------------------------------------------------------------------------------------------------

  /// Gives the parameters whose whole name matches a regular expression a learning rate of `rateFactor` times the
  /// optimizer's, so that one schedule drives all groups, and a weight decay of their own. The last call for a parameter
  /// holds.
  ///
  /// ```java
  /// adam.group(".*bias", 1, 0);                 // no decay of biases
  /// adam.group("embedding\\..*", 0.1, 1e-4);    // a tenth of the learning rate
  /// ```
  ///
  /// @return how many parameters matched
  /// @throws IllegalArgumentException if none matches, or a number is negative or not finite
  public final int group(String pattern, double rateFactor, double decay) {
    List<Entry> group = entries.stream().filter(entry -> entry.name.matches(pattern)).toList();
    if (group.isEmpty()) {
      throw new IllegalArgumentException("group: '" + pattern + "' matches none of "
          + entries.stream().map(entry -> entry.name).toList());
    }
    regroup(group, rateFactor, decay);
    return group.size();
  }

  /// The same for these parameters.
  ///
  /// @throws IllegalArgumentException if one is not of this optimizer
  public final void group(List<Parameter> parameters, double rateFactor, double decay) {
    regroup(parameters.stream().map(this::entry).toList(), rateFactor, decay);
  }

  private Entry entry(Parameter parameter) {
    return entries.stream().filter(entry -> entry.parameter == parameter).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("group: " + parameter + " is not a parameter of this optimizer"));
  }

  private static void regroup(List<Entry> group, double rateFactor, double decay) {
    requireRange("the rate factor", rateFactor, Double.POSITIVE_INFINITY);
    requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    group.forEach(entry -> {
      entry.rateFactor = rateFactor;
      entry.decay = decay;
    });
  }

  // ---- a step ---------------------------------------------------------------------------------------------------------

  /// What is updated in one piece: a whole parameter, or the rows of one that were looked up.
  ///
  /// @param done brings what was changed to its place
  private record Work(Tensor x, Tensor g, List<Tensor> memories, Update how, Runnable done) {}

  @Override
  public final void step(Gradients gradients) {
    List<Entry> moving = entries.stream().filter(entry -> gradients.has(entry.parameter)).toList();
    requireFinite(moving, gradients);
    List<Work> works = moving.stream().map(entry -> work(entry, gradients)).toList();
    List<Runnable> parts = new ArrayList<>();
    works.forEach(work -> addParts(work, parts));
    if (works.stream().mapToLong(work -> work.x.elements()).sum() <= 2 * PART) {
      parts.forEach(Runnable::run);
    } else {
      Threads.forEach(parts.size(), i -> parts.get(i).run());
    }
    works.forEach(work -> work.done.run());
  }

  private Work work(Entry entry, Gradients gradients) {
    int step = (int) entry.steps.fill(entry.steps.item() + 1).item();
    Update how = new Update(learningRate * entry.rateFactor, entry.decay, gradients.factor(), step);
    Gradient gradient = gradients.unscaled(entry.parameter);
    return rowWise && gradient instanceof Gradient.Rows rows
        ? rowWork(entry, rows, how) : wholeWork(entry, gradient.dense(), how);
  }

  private static Work wholeWork(Entry entry, Tensor gradient, Update how) {
    Tensor value = entry.parameter.value();
    Tensor x = fromStart(value);
    return new Work(x, gradient, entry.memories, how, () -> {
      x.markChanged();
      entry.memories.forEach(Tensor::markChanged);
      if (x != value) {
        value.assign(x);
      }
    });
  }

  /// Brings the rows together, so that they are updated as a small parameter is, and puts them back.
  private static Work rowWork(Entry entry, Gradient.Rows rows, Update how) {
    Tensor x = entry.parameter.value().gather(rows.indices(), 0);
    List<Tensor> memory = entry.memories.stream().map(m -> m.gather(rows.indices(), 0)).toList();
    return new Work(x, rows.values(), memory, how, () -> {
      putRows(x, rows.indices(), entry.parameter.value());
      for (int k = 0; k < memory.size(); k++) {
        putRows(memory.get(k), rows.indices(), entry.memories.get(k));
      }
    });
  }

  private static void putRows(Tensor rows, Tensor indices, Tensor target) {
    int[] at = indices.toInts();
    for (int i = 0; i < at.length; i++) {
      target.select(0, at[i]).assign(rows.select(0, i));
    }
  }

  private void addParts(Work work, List<Runnable> parts) {
    Tensor g = fromStart(work.g.to(work.x.dtype()));
    int n = work.x.elements();
    if (work.x.dtype() == DType.FLOAT32) {
      float[][] memory = work.memories.stream().map(Tensor::floatArray).toArray(float[][]::new);
      forEachPart(n, (from, to) -> parts.add(
          () -> update(work.x.floatArray(), g.floatArray(), memory, from, to, work.how)));
    } else {
      double[][] memory = work.memories.stream().map(Tensor::doubleArray).toArray(double[][]::new);
      forEachPart(n, (from, to) -> parts.add(
          () -> update(work.x.doubleArray(), g.doubleArray(), memory, from, to, work.how)));
    }
  }

  /// The tensor, or a copy if its elements are not those at the start of its array, in order.
  private static Tensor fromStart(Tensor x) {
    return x.isContiguous() && x.offset() == 0 ? x : x.copy();
  }

  private interface Part {
    void between(int from, int to);
  }

  private static void forEachPart(int elements, Part part) {
    for (long from = 0; from < elements; from += PART) {
      part.between((int) from, (int) Math.min(elements, from + PART));
    }
  }

  /// No element is larger than the norm, which clipping has mostly computed before; only if it is beyond FLOAT32 each
  /// element is looked at.
  private static void requireFinite(List<Entry> moving, Gradients gradients) {
    if (gradients.norm() < CERTAINLY_FLOAT && Math.abs(gradients.factor()) < CERTAINLY_FLOAT) {
      return;
    }
    for (Entry entry : moving) {
      if (!gradients.gradient(entry.parameter).isFinite()) {
        throw new IllegalArgumentException("step: the gradient of " + entry.name + " " + entry.parameter.value().shape()
            + " is not finite; nothing was changed");
      }
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

  /// The tensors themselves under names such as `cells.0.bias.steps` and `cells.0.bias.mean`.
  private Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Entry entry : entries) {
      all.put(entry.name + ".steps", entry.steps);
      for (int k = 0; k < memories.size(); k++) {
        all.put(entry.name + "." + memories.get(k), entry.memories.get(k));
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

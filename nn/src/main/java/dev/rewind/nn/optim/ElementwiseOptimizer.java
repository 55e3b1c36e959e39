package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradient;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// An optimizer whose new value of an element depends on that element, its gradient, and a number of memories of the
/// same shape alone. A subclass is the formula, once for `float[]` and once for `double[]`, in a single pass; this
/// class checks gradients, keeps the memories, cuts the work into parts for several threads, and saves and loads. It
/// refuses a step whose result is not finite: one large gradient whose square overflows would freeze its parameter for
/// ever.
///
/// Parameters are known by the names of a map, such as that of [dev.rewind.nn.Block#namedParameters]; those of a list
/// by their place and their own name, `0.weight`. Groups of them can have a learning rate and a weight decay of their
/// own. Every constructor refuses a parameter that comes twice, and a learning rate that is not finite and at least 0,
/// by an [IllegalArgumentException].
public abstract class ElementwiseOptimizer implements Optimizer {
  private static final int PART = 1 << 14; // elements that one task updates: a size of the data, never of the machine
  private static final double CERTAINLY_FLOAT = 1e38;

  /// A gradient below this makes no FLOAT32 overflow: neither its square, 1e30, nor sums of such squares, which
  /// rounding keeps from growing further at 2^25 times that.
  private static final double ORDINARY = 1e15;

  /// A parameter, what is remembered of its gradients, how many there were, and what holds for its group.
  private static final class Entry {
    static final int UNKNOWN = -1;

    final String name;
    final Param parameter;
    final List<Tensor> memories;
    final Tensor steps = Tensor.scalar(0);
    double rateFactor = 1;
    double decay;
    int ordinaryVersion = UNKNOWN; // of the value, when its elements were known to be ordinary

    Entry(String name, Param parameter, int memories, double decay) {
      this.name = name;
      this.parameter = parameter;
      this.memories = Stream.generate(() -> Tensor.zeros(parameter.dtype(), parameter.value().shape()))
          .limit(memories).toList();
      this.decay = decay;
    }

    /// Whether decay adds nothing large to the gradient. Elements that only ordinary steps have changed since are not
    /// looked at again, since such steps move them by far less than the margin.
    boolean decaysOrdinarily() {
      return decay == 0 || ordinaryVersion == parameter.value().version()
          || decay * Math.sqrt(parameter.value().sumOfSquares()) < ORDINARY;
    }
  }

  /// The numbers of one update.
  ///
  /// @param rate the learning rate
  /// @param decay the weight decay
  /// @param scale by what the gradient is to be multiplied first
  /// @param step how many gradients the parameter had, this one included
  protected record Update(double rate, double decay, double scale, int step) {}

  private final Map<Param, Entry> entries = new LinkedHashMap<>();
  private final Record options;
  private final List<String> memories;
  private double learningRate;
  private boolean rowWise;

  /// An optimizer of these parameters.
  ///
  /// @param options what [#toString] shows
  /// @param memories the names of what is remembered, zero at first; empty if nothing is
  /// @throws IllegalArgumentException if a parameter comes twice
  protected ElementwiseOptimizer(
      Map<String, Param> parameters, double learningRate, Record options, double decay, List<String> memories) {
    parameters.forEach((name, parameter) -> {
      Entry before = entries.putIfAbsent(parameter, new Entry(name, parameter, memories.size(), decay));
      if (before != null) {
        throw new IllegalArgumentException("optimizer: " + before.name + " and " + name + " are one parameter");
      }
    });
    this.options = options;
    this.memories = List.copyOf(memories);
    this.learningRate = requireRate(learningRate);
  }

  /// The parameters of a list under the names `0.weight`, `1.bias`, ..
  protected static Map<String, Param> numbered(List<Param> parameters) {
    Map<String, Param> named = new LinkedHashMap<>();
    parameters.forEach(parameter -> named.put(named.size() + "." + parameter.name(), parameter));
    return named;
  }

  /// Updates the elements `x[i]` by `g[i]` and `memory[..][i]`, `from <= i < to`, where the memories come in the order
  /// of their names. Several parts may be updated at once, by several threads. One index for all arrays is what lets
  /// the compiler vectorise the loop: with an offset for each array, a step of Adam took about four times as long.
  protected abstract void update(float[] x, float[] g, float[][] memory, int from, int to, Update how);

  /// The twin of [#update(float\[\], float\[\], float\[\]\[\], int, int, Update)] for FLOAT64 parameters.
  protected abstract void update(double[] x, double[] g, double[][] memory, int from, int to, Update how);

  // ---- groups
  // ---------------------------------------------------------------------------------------------------------

  /// Gives some parameters a learning rate of `factor` times the optimizer's, so that one schedule drives all groups,
  /// and leaves their weight decay. `names` is the name of a parameter or of a part, which stands for all that is in
  /// it, or a regular expression for such names. The last call for a parameter holds.
  ///
  /// ```java
  /// adam.rateFactor("embedding", 0.1);      // a tenth of the learning rate for it and all below
  /// adam.weightDecay(".*bias", 0);          // no decay of biases, whatever their rate
  /// ```
  ///
  /// @return how many parameters it was
  /// @throws IllegalArgumentException if no name matches, or the factor is negative or not finite
  public final int rateFactor(String names, double factor) {
    return rateFactor(named("rateFactor", names), factor);
  }

  /// The same for these parameters.
  ///
  /// @throws IllegalArgumentException if one is not of this optimizer, or the factor is negative or not finite
  public final int rateFactor(List<Param> parameters, double factor) {
    requireRange("the rate factor", factor, Double.POSITIVE_INFINITY);
    entries("rateFactor", parameters).forEach(entry -> entry.rateFactor = factor);
    return parameters.size();
  }

  /// Gives some parameters a weight decay of their own, and leaves their learning rate; `names` as for
  /// [#rateFactor(String, double)].
  ///
  /// @return how many parameters it was
  /// @throws IllegalArgumentException if no name matches, or the decay is negative or not finite
  public final int weightDecay(String names, double decay) {
    return weightDecay(named("weightDecay", names), decay);
  }

  /// The same for these parameters.
  ///
  /// @throws IllegalArgumentException if one is not of this optimizer, or the decay is negative or not finite
  public final int weightDecay(List<Param> parameters, double decay) {
    requireRange("the weight decay", decay, Double.POSITIVE_INFINITY);
    entries("weightDecay", parameters).forEach(entry -> {
      entry.decay = decay;
      entry.ordinaryVersion = Entry.UNKNOWN;
    });
    return parameters.size();
  }

  private List<Param> named(String operation, String names) {
    Map<String, Param> all = new LinkedHashMap<>();
    entries.values().forEach(entry -> all.put(entry.name, entry.parameter));
    return Names.matching(operation, names, all.keySet()).stream().map(all::get).toList();
  }

  private List<Entry> entries(String operation, List<Param> parameters) {
    parameters.stream().filter(parameter -> !entries.containsKey(parameter)).findFirst().ifPresent(parameter -> {
      throw new IllegalArgumentException(operation + ": " + parameter + " is not a parameter of this optimizer");
    });
    return parameters.stream().map(entries::get).toList();
  }

  // ---- a step
  // ---------------------------------------------------------------------------------------------------------

  /// What is updated in one piece: a whole parameter, or the rows of one that were looked up.
  ///
  /// @param done brings what was changed to its place
  private record Work(Entry entry, Tensor x, Tensor g, List<Tensor> memories, Update how, Runnable done) {}

  @Override
  public final void step(Gradients gradients) {
    requireKnown(gradients);
    List<Entry> moving = entries.values().stream().filter(entry -> gradients.has(entry.parameter)).toList();
    boolean ordinary = isOrdinary(moving, gradients);
    if (!ordinary) {
      requireFinite(moving, gradients);
    }
    List<Work> works = moving.stream().map(entry -> work(entry, gradients, ordinary)).toList();
    List<Runnable> parts = new ArrayList<>();
    works.forEach(work -> addParts(work, parts));
    if (works.stream().mapToLong(work -> work.x.elements()).sum() <= 2 * PART) {
      parts.forEach(Runnable::run);
    } else {
      Threads.forEach(parts.size(), i -> parts.get(i).run());
    }
    if (!ordinary) {
      works.forEach(this::requireFinite);
    }
    for (Work work : works) {
      work.done.run();
      work.entry.steps.fill(work.how.step);
      work.entry.ordinaryVersion = ordinary ? work.entry.parameter.value().version() : Entry.UNKNOWN;
    }
  }

  /// A part of a model that was not registered would otherwise be used, watched, and never trained.
  private void requireKnown(Gradients gradients) {
    List<Param> others = gradients.parameters().stream()
        .filter(parameter -> !entries.containsKey(parameter) && !parameter.isFrozen()).toList();
    if (!others.isEmpty()) {
      throw new IllegalArgumentException("step: there are gradients of " + Names.some(others)
          + ", which this optimizer does "
          + "not have: is a part of the model not registered by child(..)? If another optimizer moves them, or "
          + "nothing is to, "
          + "give this one gradients.only(parameters), or freeze them; nothing was changed");
    }
  }

  /// Whether nothing can overflow. No element is larger than the norm, which clipping has mostly computed before. Only
  /// where this says no, all elements are looked at, and the step is made on copies first.
  private static boolean isOrdinary(List<Entry> moving, Gradients gradients) {
    double factor = Math.abs(gradients.factor());
    double norm = gradients.norm();
    return factor < ORDINARY && norm < ORDINARY && norm <= CERTAINLY_FLOAT * factor
        && moving.stream().allMatch(Entry::decaysOrdinarily);
  }

  private Work work(Entry entry, Gradients gradients, boolean ordinary) {
    int step = (int) entry.steps.item() + 1;
    Update how = new Update(learningRate * entry.rateFactor, entry.decay, ordinary ? gradients.factor() : 1, step);
    Gradient gradient = ordinary ? gradients.unscaled(entry.parameter) : gradients.gradient(entry.parameter);
    return rowWise && gradient instanceof Gradient.Rows rows
        ? rowWork(entry, rows, how) : wholeWork(entry, gradient.dense(), how, ordinary);
  }

  private static Work wholeWork(Entry entry, Tensor gradient, Update how, boolean inPlace) {
    Tensor value = entry.parameter.value();
    Tensor x = inPlace ? fromStart(value) : value.copy();
    List<Tensor> memories = inPlace ? entry.memories : entry.memories.stream().map(Tensor::copy).toList();
    return new Work(entry, x, gradient, memories, how, () -> {
      put(x, value);
      for (int k = 0; k < memories.size(); k++) {
        put(memories.get(k), entry.memories.get(k));
      }
    });
  }

  private static void put(Tensor changed, Tensor target) {
    if (changed == target) {
      RawAccess.markChanged(target);
    } else {
      target.assign(changed);
    }
  }

  /// Brings the rows together, so that they are updated as a small parameter is, and puts them back.
  private static Work rowWork(Entry entry, Gradient.Rows rows, Update how) {
    Tensor x = entry.parameter.value().gather(rows.indices(), 0);
    List<Tensor> memory = entry.memories.stream().map(m -> m.gather(rows.indices(), 0)).toList();
    return new Work(entry, x, rows.values(), memory, how, () -> {
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
      float[][] memory = work.memories.stream().map(RawAccess::floats).toArray(float[][]::new);
      forEachPart(n, (from, to) -> parts.add(
          () -> update(RawAccess.floats(work.x), RawAccess.floats(g), memory, from, to, work.how)));
    } else {
      double[][] memory = work.memories.stream().map(RawAccess::doubles).toArray(double[][]::new);
      forEachPart(n, (from, to) -> parts.add(
          () -> update(RawAccess.doubles(work.x), RawAccess.doubles(g), memory, from, to, work.how)));
    }
  }

  /// The tensor, or a copy if its elements are not those at the start of its array, in order.
  private static Tensor fromStart(Tensor x) {
    return x.isContiguous() && RawAccess.offset(x) == 0 ? x : x.copy();
  }

  private interface Part {
    void between(int from, int to);
  }

  private static void forEachPart(int elements, Part part) {
    for (long from = 0; from < elements; from += PART) {
      part.between((int) from, (int) Math.min(elements, from + PART));
    }
  }

  /// Refuses gradients with a NaN or an infinity.
  private static void requireFinite(List<Entry> moving, Gradients gradients) {
    for (Entry entry : moving) {
      if (!gradients.gradient(entry.parameter).isFinite()) {
        throw new NotFiniteException("step: the gradient of " + entry.name + " " + entry.parameter.value().shape()
            + " is not finite; nothing was changed");
      }
    }
  }

  /// Refuses what a step on copies made of a large gradient.
  private void requireFinite(Work work) {
    for (int k = 0; k <= memories.size(); k++) {
      boolean isMemory = k < memories.size();
      if ((isMemory ? work.memories.get(k) : work.x).isFinite().all().item() == 0) {
        throw new NotFiniteException("step: " + work.entry.name + " " + work.entry.parameter.value().shape()
            + ": its "
            + (isMemory ? memories.get(k) : "value") + " would overflow " + work.x.dtype() + " by a gradient of up to "
            + work.g.abs().max().item() + "; nothing was changed. Clip gradients, or leave this batch out");
      }
    }
  }

  /// Whether of a table of which rows were looked up only those rows change, and only their memories: a step then costs
  /// what was looked up, not the table. It is another formula where there are memories or decay, since rows without a
  /// gradient rest; by default every row moves. Of the rows that move the formula is the optimizer's own. In this
  /// [Adam] differs from PyTorch's `SparseAdam`, which is row-wise too, and counts `t` as here, but adds epsilon to
  /// `sqrt(square)` before that is divided by `sqrt(1 - beta2^t)`, so that its epsilon weighs more in early steps: 32
  /// times in the first, with beta2 0.999.
  public final void rowWise(boolean value) {
    rowWise = value;
  }

  /// The kind, the number of parameters and of their elements, the learning rate and the options, in one line.
  @Override
  public String toString() {
    return getClass().getSimpleName() + "(parameters " + entries.size() + ", elements "
        + entries.keySet().stream().mapToLong(parameter -> parameter.value().elements()).sum() + ", learning rate "
        + learningRate + (rowWise ? ", row-wise" : "") + ") with " + options;
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

  /// The value, if it is in `[0, limit)`; otherwise an [IllegalArgumentException] that names it.
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
    for (Entry entry : entries.values()) {
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
    Names.requireLike("load: the state of the optimizer", mine, state, " is unknown");
    mine.forEach((name, tensor) -> tensor.assign(state.get(name)));
  }
}

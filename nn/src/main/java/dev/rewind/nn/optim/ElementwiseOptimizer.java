package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradient;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// An optimizer whose new value of an element depends only on that element, its gradient, and its place in some buffers
/// of the same shape, such as running means; [Muon] alone moves matrices as a whole. A subclass is the formula, once for `float[]` and once for `double[]`, in
/// a single pass; this class checks gradients, keeps the buffers, cuts the work into parts for several threads, and
/// saves and loads. It refuses a step whose result is not finite: one large gradient whose square overflows would
/// freeze its parameter forever.
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

  /// A parameter, its buffers, how many gradients it had, and the settings of its group.
  private static final class Entry {
    final String name;
    final Param parameter;
    final List<String> bufferNames;
    final List<Tensor> buffers;
    final Tensor steps = Tensor.scalar(0);
    double rateFactor = 1;
    double decay;

    Entry(String name, Param parameter, List<String> bufferNames, double decay) {
      this.name = name;
      this.parameter = parameter;
      this.bufferNames = List.copyOf(bufferNames);
      this.buffers = bufferNames.stream().map(_ -> Tensor.zeros(parameter.dtype(), parameter.value().shape())).toList();
      this.decay = decay;
    }

    /// What a step changes: the buffers, then the value.
    List<Tensor> tensors() {
      return Stream.concat(buffers.stream(), Stream.of(parameter.value())).toList();
    }

    /// Whether decay adds nothing large to the gradient.
    boolean decaysOrdinarily() {
      return decay == 0 || decay * Math.sqrt(parameter.value().sumOfSquares()) < ORDINARY;
    }
  }

  /// The numbers of one update.
  ///
  /// @param parameter whose elements these are
  /// @param rate the learning rate
  /// @param decay the weight decay
  /// @param scale by what the gradient is to be multiplied first
  /// @param step how many gradients the parameter had, this one included
  protected record Update(Param parameter, double rate, double decay, double scale, int step) {}

  private final Map<Param, Entry> entries = new LinkedHashMap<>();
  private final Record options;
  private double learningRate;
  private boolean rowWise;

  /// An optimizer of these parameters.
  ///
  /// @param options what [#toString] shows
  /// @param buffers the names of the buffers, which begin with zeros; empty if there are none
  /// @throws IllegalArgumentException if a parameter comes twice
  protected ElementwiseOptimizer(
      Map<String, Param> parameters, double learningRate, Record options, double decay, List<String> buffers) {
    this(parameters, learningRate, options, decay, _ -> buffers);
  }

  /// The same, where not all parameters have the same buffers.
  ElementwiseOptimizer(
      Map<String, Param> parameters, double learningRate, Record options, double decay,
      Function<Param, List<String>> buffers) {
    parameters.forEach((name, parameter) -> {
      Entry before = entries.putIfAbsent(parameter, new Entry(name, parameter, buffers.apply(parameter), decay));
      if (before != null) {
        throw new IllegalArgumentException("optimizer: " + before.name + " and " + name + " are one parameter");
      }
    });
    this.options = options;
    this.learningRate = requireRate(learningRate);
  }

  /// The parameters of a list under the names `0.weight`, `1.bias`, ..
  protected static Map<String, Param> numbered(List<Param> parameters) {
    Map<String, Param> named = new LinkedHashMap<>();
    parameters.forEach(parameter -> named.put(named.size() + "." + parameter.name(), parameter));
    return named;
  }

  /// Updates the elements `x[i]` by `g[i]` and `buffers[..][i]`, `from <= i < to`, where the buffers come in the order
  /// of their names. Several parts may be updated at once, by several threads. One index for all arrays is what lets
  /// the compiler vectorise the loop: with an offset for each array, a step of Adam took about four times as long.
  protected abstract void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how);

  /// The twin of [#update(float\[\], float\[\], float\[\]\[\], int, int, Update)] for FLOAT64 parameters.
  protected abstract void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how);

  /// Whether the new value of an element depends on others, so that a parameter is one part, and all its rows move.
  boolean isWhole(Param parameter) {
    return false;
  }

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
    entries("weightDecay", parameters).forEach(entry -> entry.decay = decay);
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

  /// What is updated together: a whole parameter, or those of its rows that were looked up, gathered.
  ///
  /// @param rows their indices, or null
  /// @param tensors those of [Entry#tensors], or what takes their place
  private record Work(Entry entry, Tensor rows, List<Tensor> tensors, Tensor g, Update how) {
    /// Writes the results back.
    void done() {
      List<Tensor> targets = entry.tensors();
      for (int k = 0; k < targets.size(); k++) {
        put(tensors.get(k), targets.get(k));
      }
      entry.steps.fill(how.step);
    }

    private void put(Tensor changed, Tensor target) {
      if (changed == target) {
        RawAccess.markChanged(target);
      } else if (rows == null) {
        target.assign(changed);
      } else {
        for (int i = 0; i < rows.elements(); i++) {
          target.select(0, (int) rows.at(i)).assign(changed.select(0, i));
        }
      }
    }
  }

  @Override
  public final void step(Gradients gradients) {
    requireKnown(gradients, entries.keySet());
    List<Entry> moving = entries.values().stream().filter(entry -> gradients.has(entry.parameter)).toList();
    boolean ordinary = isOrdinary(moving, gradients);
    List<Work> works = moving.stream().map(entry -> work(entry, gradients, ordinary)).toList();
    List<Runnable> parts = works.stream().flatMap(this::parts).toList();
    if (works.stream().mapToLong(work -> work.g.elements()).sum() <= 2 * PART) {
      parts.forEach(Runnable::run);
    } else {
      Threads.forEach(parts.size(), i -> parts.get(i).run());
    }
    if (!ordinary) {
      works.forEach(this::requireFinite);
    }
    works.forEach(Work::done);
  }

  /// Otherwise a part of a model that was not registered would be used and never trained.
  static void requireKnown(Gradients gradients, Collection<Param> known) {
    List<Param> others = gradients.parameters().stream()
        .filter(parameter -> !known.contains(parameter) && !parameter.isFrozen()).toList();
    if (!others.isEmpty()) {
      throw new IllegalArgumentException("step: there are gradients of " + Names.some(others)
          + ", which this optimizer does not have: is a part of the model not registered by child(..)? If another "
          + "optimizer moves them, or nothing is to, give this one gradients.only(parameters), or freeze them; "
          + "nothing was changed");
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
    Update how = new Update(entry.parameter, learningRate * entry.rateFactor, entry.decay,
        ordinary ? gradients.factor() : 1, step);
    Gradient gradient = ordinary ? gradients.unscaled(entry.parameter) : gradients.gradient(entry.parameter);
    Tensor rows = rowWise && !isWhole(entry.parameter) && gradient instanceof Gradient.Rows some ? some.indices()
        : null;
    List<Tensor> tensors = entry.tensors().stream()
        .map(x -> rows != null ? x.gather(rows, 0) : ordinary ? fromStart(x) : x.copy()).toList();
    Tensor g = rows != null ? gradient.values() : gradient.dense();
    return new Work(entry, rows, tensors, fromStart(g.to(entry.parameter.dtype())), how);
  }

  private interface Part {
    void run(int from, int to);
  }

  private Stream<Runnable> parts(Work work) {
    if (work.g.dtype() == DType.FLOAT32) {
      float[][] buffers = work.tensors.stream().limit(work.entry.buffers.size()).map(RawAccess::floats)
          .toArray(float[][]::new);
      float[] x = RawAccess.floats(work.tensors.getLast());
      float[] g = RawAccess.floats(work.g);
      return parts(work, (from, to) -> update(x, g, buffers, from, to, work.how));
    }
    double[][] buffers = work.tensors.stream().limit(work.entry.buffers.size()).map(RawAccess::doubles)
        .toArray(double[][]::new);
    double[] x = RawAccess.doubles(work.tensors.getLast());
    double[] g = RawAccess.doubles(work.g);
    return parts(work, (from, to) -> update(x, g, buffers, from, to, work.how));
  }

  private Stream<Runnable> parts(Work work, Part part) {
    int n = work.g.elements();
    if (isWhole(work.entry.parameter)) {
      return Stream.of(() -> part.run(0, n));
    }
    return IntStream.range(0, Math.ceilDiv(n, PART))
        .mapToObj(k -> () -> part.run(k * PART, k * PART + Math.min(n - k * PART, PART)));
  }

  /// The tensor, or a copy if its elements are not those at the start of its array, in order.
  private static Tensor fromStart(Tensor x) {
    return x.isContiguous() && RawAccess.offset(x) == 0 ? x : x.copy();
  }

  /// Refuses a gradient with a NaN or an infinity, and a step on copies that overflowed.
  private void requireFinite(Work work) {
    String name = work.entry.name + " " + work.entry.parameter.value().shape();
    if (!isFinite(work.g)) {
      throw new NotFiniteException("step: the gradient of " + name + " is not finite; nothing was changed");
    }
    List<String> buffers = work.entry.bufferNames;
    for (int k = 0; k <= buffers.size(); k++) {
      if (!isFinite(work.tensors.get(k))) {
        throw new NotFiniteException("step: " + name + ": its "
            + (k < buffers.size() ? buffers.get(k) : "value")
            + " would overflow " + work.g.dtype() + " by a gradient of up to " + work.g.abs().max().item()
            + "; nothing was changed. Clip gradients, or leave this batch out");
      }
    }
  }

  private static boolean isFinite(Tensor x) {
    return x.isFinite().all().item() != 0;
  }

  /// Whether of a table of which rows were looked up only those rows change, and only their buffers: a step then costs
  /// what was looked up, not the table. It is another formula where there are buffers or decay, since rows without a
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
      for (int k = 0; k < entry.buffers.size(); k++) {
        all.put(entry.name + "." + entry.bufferNames.get(k), entry.buffers.get(k));
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

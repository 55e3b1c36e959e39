package dev.rewind.autograd.check;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Compares the gradients that a tape computes with numerical ones, in float64.
///
/// ```java
/// GradientCheck.of(x -> x.tanh().sum()).at(input).secondOrder().run().assertPasses();
/// ```
///
/// The numerical derivative is the central difference at two step sizes with Richardson's extrapolation. A result that
/// is not a scalar is multiplied by fixed random numbers and summed. At second order the same is done to the inner
/// product of the gradient with fixed random numbers. An analytic value `a` and a numerical one `n` agree if `|a - n|
/// <= 1e-6 max(|a|, |n|) + 1e-10 s + e`, where `s` is the largest gradient of the same tensor, and `e` the estimated
/// error of `n`, with what rounding does to both. No tolerance has a unit of its own, so a function may be scaled.
///
/// Where they do not agree, or a step leaves the domain of the function, smaller steps are taken and extrapolated with
/// an estimate of the error (Ridders 1982): a kink near by does no harm. The verdict on an element is then that it is
/// right; that it is wrong, if it is off by four times that error more than is tolerated; or that it is undecidable,
/// with the reason. Of these pass, with a warning, what lies between the derivatives from both sides at a kink, the
/// derivative from within at the end of the domain, and what is within the error where rounding hides the derivative.
///
/// Of an input or a parameter of more than 200 elements, the derivatives along four random directions are compared,
/// which an error escapes that is ten times what is tolerated with a probability of 4e-5; where these disagree, a
/// sample and a search by halves name elements.
///
/// Inputs of FLOAT32 are converted. A function that computes in FLOAT32 all the same, so that its result is FLOAT32, is
/// checked as one whose values are off by a few in 2^-24, with longer steps, to `1e-3 max(|a|, |n|) + 1e-5 s + e`, and
/// the verdict warns of it. Deterministic; instances are immutable.
///
/// Gradients that were not made by a tape are checked by [#ofFunction(ToDoubleFunction)].
public final class GradientCheck {
  private final Function<List<Variable>, Variable> function;
  private final List<Tensor> inputs;
  private final List<String> names; // of the inputs, or none
  private final Map<String, Param> parameters; // null if none were given
  private final boolean second;
  private final boolean zeroAllowed;
  private final long seed;

  private GradientCheck(
      Function<List<Variable>, Variable> function, List<Tensor> inputs, List<String> names,
      Map<String, Param> parameters, boolean second, boolean zeroAllowed, long seed) {
    this.function = function;
    this.inputs = inputs;
    this.names = names;
    this.parameters = parameters;
    this.second = second;
    this.zeroAllowed = zeroAllowed;
    this.seed = seed;
  }

  /// A check of a function of one variable.
  public static GradientCheck of(Function<Variable, Variable> function) {
    return ofMany(xs -> function.apply(xs.getFirst()));
  }

  /// A check of a function of several variables.
  public static GradientCheck ofMany(Function<List<Variable>, Variable> function) {
    return new GradientCheck(function, List.of(), List.of(), null, false, false, 1);
  }

  /// A check of a gradient that anyone wrote, of a function of numbers to one number:
  ///
  /// ```java
  /// GradientCheck.ofFunction(x -> x[0] * x[1]).against(x -> new double[] {x[1], x[0]}).at(2, 3).run().assertPasses();
  /// ```
  public static FunctionCheck ofFunction(ToDoubleFunction<double[]> function) {
    return new FunctionCheck(x -> new double[] {function.applyAsDouble(x)}, true);
  }

  /// A check of derivatives that anyone wrote, of a function of numbers to several numbers.
  public static FunctionCheck ofVectorFunction(UnaryOperator<double[]> function) {
    return new FunctionCheck(function, false);
  }

  /// At these inputs, which are converted to FLOAT64.
  public GradientCheck at(Tensor... values) {
    List<Tensor> converted = Arrays.stream(values).map(t -> t.to(DType.FLOAT64).contiguous()).toList();
    return new GradientCheck(function, converted, names, parameters, second, zeroAllowed, seed);
  }

  /// Calls the inputs by these names, one for each, instead of `input 0` and so on.
  public GradientCheck named(String... inputNames) {
    return new GradientCheck(function, inputs, List.of(inputNames), parameters, second, zeroAllowed, seed);
  }

  /// Checks the gradients of these parameters too, which the function watches on the tape of its variables. They must
  /// be all that it watches but for frozen ones; others fail the check.
  public GradientCheck withParameters(List<Param> values) {
    Map<String, Param> named = new LinkedHashMap<>();
    for (Param value : values) {
      String name = value.name();
      for (int k = 1; named.containsKey(name); k++) {
        name = value.name() + " (" + k + ")";
      }
      named.put(name, value);
    }
    return withParameters(named);
  }

  /// The same for parameters by the names that the verdict is to use, such as a module's `namedParameters()`.
  public GradientCheck withParameters(Map<String, Param> values) {
    Map<String, Param> copy = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    return new GradientCheck(function, inputs, names, copy, second, zeroAllowed, seed);
  }

  /// Checks second derivatives as well.
  public GradientCheck secondOrder() {
    return new GradientCheck(function, inputs, names, parameters, true, zeroAllowed, seed);
  }

  /// Accepts a gradient that is zero everywhere, which otherwise fails: it mostly means that something was cut off.
  public GradientCheck allowingZeroGradient() {
    return new GradientCheck(function, inputs, names, parameters, second, true, seed);
  }

  /// With other random numbers.
  public GradientCheck seed(long value) {
    return new GradientCheck(function, inputs, names, parameters, second, zeroAllowed, value);
  }

  /// Runs the check: for every element of inputs and parameters four evaluations of the function, and more where these
  /// do not agree with the gradient.
  ///
  /// @throws IllegalStateException if there are neither inputs nor parameters to differentiate by, or names are given
  ///     and not as many as inputs
  public CheckResult run() {
    if (inputs.isEmpty() && parameters().isEmpty()) {
      throw new IllegalStateException("gradient check: nothing to differentiate by; say where with at(..)");
    }
    if (!names.isEmpty() && names.size() != inputs.size()) {
      throw new IllegalStateException("gradient check: " + inputs.size() + " inputs, but the names " + names);
    }
    boolean rough = computesInFloat32();
    CheckResult first = check("gradient", rough, false).withSeed(seed);
    CheckResult verdict = first.passes() && second ? first.and(check("second derivative", rough, true)) : first;
    return rough
        ? verdict.withWarning("the function computes in FLOAT32, which shows a wrong gradient only where it is far off")
        : verdict;
  }

  private boolean computesInFloat32() {
    try (Tape tape = tape()) {
      return function.apply(leaves(tape, point()).subList(0, inputs.size())).dtype() == DType.FLOAT32;
    }
  }

  // ---- the scalars that are differentiated --------------------------------------------------------------------------

  private Variable projected(List<Variable> xs) {
    Variable y = function.apply(xs.subList(0, inputs.size()));
    if (y.dtype() == DType.FLOAT32) {
      y = y.to(DType.FLOAT64);
    }
    if (y.rank() == 0) {
      return y;
    }
    Tensor weights = Tensor.normal(Rng.of(seed).split("projection"), DType.FLOAT64, 0, 1, y.shape().sizes());
    return y.times(y.tape().constant(weights)).sum();
  }

  /// The inner product of the gradient with fixed random numbers, recorded.
  private Variable gradientProjected(List<Variable> xs) {
    Variable target = projected(xs);
    Tape tape = target.tape();
    Variable sum = tape.constant(Tensor.scalar(0.0));
    if (target.isTracked()) {
      List<Variable> gradients = tape.differentiate(target, xs);
      for (int i = 0; i < xs.size(); i++) {
        sum = sum.plus(gradients.get(i).times(tape.constant(direction(i, xs.get(i)))).sum());
      }
    }
    return sum;
  }

  private Tensor direction(int i, Variable x) {
    return Tensor.normal(Rng.of(seed).split("direction").split(i), DType.FLOAT64, 0, 1, x.shape().sizes());
  }

  // ---- the comparison -----------------------------------------------------------------------------------------------

  private Map<String, Param> parameters() {
    return parameters == null ? Map.of() : parameters;
  }

  private List<Tensor> point() {
    List<Tensor> point = new ArrayList<>(inputs);
    parameters().values().forEach(p -> point.add(p.value().to(DType.FLOAT64).copy()));
    return point;
  }

  private List<String> names() {
    List<String> all = new ArrayList<>(names);
    IntStream.range(names.size(), inputs.size()).forEach(i -> all.add("input " + i));
    parameters().keySet().forEach(name -> all.add("parameter " + name));
    return all;
  }

  private CheckResult check(String what, boolean rough, boolean ofGradient) {
    List<Tensor> point = point();
    List<Comparer.Part> parts = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < point.size(); i++) {
      parts.add(new Comparer.Part(names().get(i), point.get(i).shape(), size));
      size += point.get(i).elements();
    }
    double[] x = flat(point, size);
    if (rough) {
      Arrays.setAll(x, i -> (float) x[i]);
    }
    Set<Param> unchecked = new LinkedHashSet<>();
    Precision precision = rough ? Precision.FLOAT32 : Precision.FLOAT64;
    CheckResult verdict = new Comparer(
        parts, precision, seed, zeroAllowed, " by stopGradient, by value(), or in a part that was not registered")
        .compare(what, at -> value(ofGradient, tensors(parts, at)), at -> {
          Analytic analytic = analytic(ofGradient, tensors(parts, at));
          unchecked.addAll(analytic.unchecked);
          return flat(analytic.gradients, at.length);
        }, x, ofGradient ? Math.abs(value(false, point)) : 0);
    if (unchecked.isEmpty()) {
      return verdict;
    }
    String others = "the function uses parameters that are not checked, " + unchecked
        + ": give them to withParameters(..), register the part that they are of with child(..), or freeze them";
    return parameters == null ? verdict.withWarning(others)
        : CheckResult.failed(CheckResult.Verdict.UNDECIDABLE, what + ": " + others);
  }

  private static double[] flat(List<Tensor> tensors, int size) {
    double[] flat = new double[size];
    int next = 0;
    for (Tensor tensor : tensors) {
      System.arraycopy(tensor.toDoubles(), 0, flat, next, tensor.elements());
      next += tensor.elements();
    }
    return flat;
  }

  private static List<Tensor> tensors(List<Comparer.Part> parts, double[] flat) {
    return parts.stream().map(part -> Tensor.wrap(
        Arrays.copyOfRange(flat, part.offset(), part.offset() + part.elements()), part.shape().sizes())).toList();
  }

  // ---- evaluation ---------------------------------------------------------------------------------------------------

  /// The value of the function, or of the inner product of its gradient with fixed random numbers, made a scalar.
  private double value(boolean ofGradient, List<Tensor> point) {
    try (Tape tape = tape()) {
      List<Variable> leaves = leaves(tape, point);
      Variable target = projected(leaves);
      if (!ofGradient) {
        return target.item();
      }
      List<Tensor> gradients = gradients(target, leaves).gradients;
      double sum = 0;
      for (int i = 0; i < leaves.size(); i++) {
        sum += gradients.get(i).times(direction(i, leaves.get(i))).sum().item();
      }
      return sum;
    }
  }

  /// @param gradients of all inputs and parameters
  /// @param unchecked other parameters that the function depends on
  private record Analytic(List<Tensor> gradients, Set<Param> unchecked) {}

  private Analytic analytic(boolean ofGradient, List<Tensor> point) {
    try (Tape tape = tape()) {
      List<Variable> leaves = leaves(tape, point);
      return gradients(ofGradient ? gradientProjected(leaves) : projected(leaves), leaves);
    }
  }

  private static Analytic gradients(Variable target, List<Variable> leaves) {
    Optional<Gradients> gradients = target.isTracked() ? Optional.of(target.tape().gradients(target))
        : Optional.empty();
    List<Tensor> all = leaves.stream().map(leaf -> gradients.filter(g -> g.has(leaf)).map(g -> g.of(leaf))
        .orElseGet(() -> Tensor.zeros(DType.FLOAT64, leaf.shape()))).toList();
    return new Analytic(all, gradients.map(Gradients::parameters).orElse(Set.of()));
  }

  private Tape tape() {
    return Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(seed).split("function")));
  }

  private List<Variable> leaves(Tape tape, List<Tensor> point) {
    List<Variable> leaves = point.stream().map(tape::watch).toList();
    int next = inputs.size();
    for (Param parameter : parameters().values()) {
      tape.bind(parameter, leaves.get(next++));
    }
    return leaves;
  }
}

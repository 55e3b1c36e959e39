package dev.rewind.autograd.check;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.Comparer.Claim;
import dev.rewind.autograd.check.Comparer.Part;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
  private final Optional<Map<String, Param>> parameters; // if any were given
  private final boolean second;
  private final Comparer comparer;

  private GradientCheck(
      Function<List<Variable>, Variable> function, List<Tensor> inputs, List<String> names,
      Optional<Map<String, Param>> parameters, boolean second, Comparer comparer) {
    this.function = function;
    this.inputs = inputs;
    this.names = names;
    this.parameters = parameters;
    this.second = second;
    this.comparer = comparer;
  }

  private GradientCheck with(Comparer other) {
    return new GradientCheck(function, inputs, names, parameters, second, other);
  }

  /// A check of a function of one variable.
  public static GradientCheck of(Function<Variable, Variable> function) {
    return ofMany(xs -> function.apply(xs.getFirst()));
  }

  /// A check of a function of several variables.
  public static GradientCheck ofMany(Function<List<Variable>, Variable> function) {
    return new GradientCheck(function, List.of(), List.of(), Optional.empty(), false,
        new Comparer(" by stopGradient, by value(), or in a part that was not registered"));
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
    return new GradientCheck(function, List.of(values), names, parameters, second, comparer);
  }

  /// Calls the inputs by these names, one for each, instead of `input 0` and so on.
  public GradientCheck named(String... inputNames) {
    return new GradientCheck(function, inputs, List.of(inputNames), parameters, second, comparer);
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
    return new GradientCheck(function, inputs, names, Optional.of(new LinkedHashMap<>(values)), second, comparer);
  }

  /// Checks second derivatives as well.
  public GradientCheck secondOrder() {
    return new GradientCheck(function, inputs, names, parameters, true, comparer);
  }

  /// Accepts a gradient that is zero everywhere, which otherwise fails: it mostly means that something was cut off.
  public GradientCheck allowingZeroGradient() {
    return with(comparer.allowingZero());
  }

  /// With other random numbers.
  public GradientCheck seed(long value) {
    return with(comparer.withSeed(value));
  }

  /// Says once a second how far a long check has come: `progress(System.err::println)`.
  public GradientCheck progress(Consumer<String> lines) {
    return with(comparer.with(lines));
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
    List<Tensor> point = new ArrayList<>(inputs);
    List<String> all = new ArrayList<>(names);
    IntStream.range(names.size(), inputs.size()).forEach(i -> all.add("input " + i));
    parameters().forEach((name, parameter) -> {
      all.add("parameter " + name);
      point.add(parameter.value());
    });
    List<Part> parts = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < point.size(); i++) {
      parts.add(new Part(all.get(i), point.get(i).shape(), size));
      size += point.get(i).elements();
    }
    double[] x = flat(point.stream());
    boolean single = on(x, parts, xs -> function.apply(xs.subList(0, inputs.size())).dtype() == DType.FLOAT32);
    CheckResult result = compare(single ? Comparer.toFloats(x) : x, parts,
        single ? comparer.with(Precision.FLOAT32) : comparer);
    return single ? result.and(CheckResult.passed(0,
        "the function computes in FLOAT32, which shows a wrong gradient only where it is far off")) : result;
  }

  private CheckResult compare(double[] x, List<Part> parts, Comparer settings) {
    Set<Param> others = new LinkedHashSet<>(); // that the function depends on
    double[] direction = settings.direction(x.length, -1);
    Claim first = new Claim("gradient", parts, at -> on(at, parts, xs -> new double[] {scalar(xs).item()}),
        at -> on(at, parts, xs -> gradient(scalar(xs), xs, others)));
    CheckResult result = CheckResult.passed(settings.seed()).and(settings.compare(first, x));
    if (result.passes() && second) {
      result = result.and(settings.compare(new Claim("second derivative", parts,
          at -> new double[] {Comparer.inner(direction, first.derivatives().apply(at))},
          at -> on(at, parts, xs -> gradient(gradientAlong(direction, parts, xs), xs, others)),
          null, Math.abs(first.function().apply(x)[0])), x));
    }
    if (others.isEmpty()) {
      return result;
    }
    String unchecked = "the function uses parameters that are not checked, " + others
        + ": give them to withParameters(..), register the part that they are of with child(..), or freeze them";
    return parameters.isEmpty() ? result.and(CheckResult.passed(0, unchecked))
        : CheckResult.failed(CheckResult.Verdict.UNDECIDABLE, "gradient: " + unchecked);
  }

  private Map<String, Param> parameters() {
    return parameters.orElse(Map.of());
  }

  // ---- evaluation ---------------------------------------------------------------------------------------------------

  private static double[] flat(Stream<Tensor> tensors) {
    return tensors.flatMapToDouble(tensor -> Arrays.stream(tensor.to(DType.FLOAT64).toDoubles())).toArray();
  }

  private static Tensor tensor(double[] flat, Part part) {
    return Tensor.wrap(Arrays.copyOfRange(flat, part.offset(), part.offset() + part.elements()), part.shape().sizes());
  }

  /// Computes something with variables for all inputs and parameters.
  private <T> T on(double[] point, List<Part> parts, Function<List<Variable>, T> what) {
    try (Tape tape = Tape.recording(
        TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(comparer.seed()).split("function")))) {
      List<Variable> leaves = parts.stream().map(part -> tape.watch(tensor(point, part))).toList();
      int next = inputs.size();
      for (Param parameter : parameters().values()) {
        tape.bind(parameter, leaves.get(next++));
      }
      return what.apply(leaves);
    }
  }

  /// The function, made a scalar by fixed random weights.
  private Variable scalar(List<Variable> leaves) {
    Variable y = function.apply(leaves.subList(0, inputs.size()));
    if (y.dtype() == DType.FLOAT32) {
      y = y.to(DType.FLOAT64);
    }
    if (y.rank() == 0) {
      return y;
    }
    Tensor weights = Tensor.normal(
        Rng.of(comparer.seed()).split("projection"), DType.FLOAT64, 0, 1, y.shape().sizes());
    return y.times(y.tape().constant(weights)).sum();
  }

  /// The inner product of the gradient and a direction, recorded.
  private Variable gradientAlong(double[] direction, List<Part> parts, List<Variable> leaves) {
    Variable target = scalar(leaves);
    Tape tape = target.tape();
    Variable sum = tape.constant(Tensor.scalar(0.0));
    if (target.isTracked()) {
      List<Variable> gradients = tape.differentiate(target, leaves);
      for (int i = 0; i < leaves.size(); i++) {
        sum = sum.plus(gradients.get(i).times(tape.constant(tensor(direction, parts.get(i)))).sum());
      }
    }
    return sum;
  }

  /// The gradient by all inputs and parameters.
  ///
  /// @param others takes the other parameters that the target depends on
  private static double[] gradient(Variable target, List<Variable> leaves, Set<Param> others) {
    Optional<Gradients> gradients = target.isTracked() ? Optional.of(target.tape().gradients(target))
        : Optional.empty();
    gradients.ifPresent(found -> others.addAll(found.parameters()));
    return flat(leaves.stream().map(leaf -> gradients.filter(found -> found.has(leaf)).map(found -> found.of(leaf))
        .orElseGet(() -> Tensor.zeros(DType.FLOAT64, leaf.shape()))));
  }
}

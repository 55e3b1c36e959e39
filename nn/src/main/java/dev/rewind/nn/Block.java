package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Something with parameters. Parameters and children are registered by name as they are made, so none can be
/// forgotten, and their order and names are those of a checkpoint.
public abstract class Block {
  private final Map<String, Param> own = new LinkedHashMap<>();
  private final Map<String, Block> children = new LinkedHashMap<>();

  /// A module without parameters yet.
  protected Block() {}

  /// Registers a parameter of this module.
  ///
  /// @throws IllegalArgumentException if the name is taken or has a dot
  protected final Param parameter(String name, Tensor value) {
    requireFree(name);
    Param parameter = new Param(name, value);
    own.put(name, parameter);
    return parameter;
  }

  /// Registers a parameter that another module made, which both then share. If that is a part of this one, the name
  /// here comes before the part's.
  ///
  /// @throws IllegalArgumentException if the name is taken or has a dot
  protected final Param parameter(String name, Param shared) {
    requireFree(name);
    own.put(name, shared);
    return shared;
  }

  /// Registers a part of this module; the same part may be registered twice, which shares its parameters.
  ///
  /// @throws IllegalArgumentException if the name is taken or has a dot
  protected final <M extends Block> M child(String name, M module) {
    requireFree(name);
    children.put(name, module);
    return module;
  }

  /// Registers what may be a part with parameters: as [#child], if it is a block. For parts that are given as something
  /// else, such as a cell or a layer.
  ///
  /// @return the same
  /// @throws IllegalArgumentException if it is a block, and the name is taken or has a dot
  protected final <T> T childIfBlock(String name, T part) {
    if (part instanceof Block module) {
      child(name, module);
    }
    return part;
  }

  private void requireFree(String name) {
    if (name.isEmpty() || name.indexOf('.') >= 0 || own.containsKey(name) || children.containsKey(name)) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + ": the name '" + name + "' is taken, empty or has a dot");
    }
  }

  /// All parameters by dotted name, such as `cells.0.weight_ih`, in order of registration; a shared one appears once,
  /// under its first name.
  public final Map<String, Param> namedParameters() {
    Map<String, Param> all = new LinkedHashMap<>();
    collect("", all, Collections.newSetFromMap(new IdentityHashMap<>()));
    return all;
  }

  private void collect(String prefix, Map<String, Param> all, Set<Param> seen) {
    own.forEach((name, parameter) -> {
      if (seen.add(parameter)) {
        all.put(prefix + name, parameter);
      }
    });
    children.forEach((name, module) -> module.collect(prefix + name + ".", all, seen));
  }

  /// All parameters, in the order of [#namedParameters].
  public final List<Param> parameters() {
    return List.copyOf(namedParameters().values());
  }

  /// The number of elements of all parameters.
  public final long parameterCount() {
    return parameters().stream().mapToLong(p -> p.value().elements()).sum();
  }

  /// Copies of all parameters' values by name.
  public final Map<String, Tensor> state() {
    Map<String, Tensor> values = new LinkedHashMap<>();
    namedParameters().forEach((name, parameter) -> values.put(name, parameter.value().copy()));
    return values;
  }

  /// Loads values by name. Nothing is changed unless all of them fit.
  ///
  /// @throws IllegalArgumentException naming every parameter that is missing, left over, or of another shape or dtype
  public final void load(Map<String, Tensor> values) {
    Map<String, Tensor> own = new LinkedHashMap<>();
    namedParameters().forEach((name, parameter) -> own.put(name, parameter.value()));
    Names.requireLike("load", own, values, " is not a parameter");
    own.forEach((name, value) -> value.assign(values.get(name)));
  }

  /// Converts all parameters, so that a whole model computes in another dtype: FLOAT64 to be sure of digits, at several
  /// times the cost. Inputs must then be of that dtype too, and states begin in it. Convert before optimizers and
  /// tapes are made: those that there are keep what they had.
  ///
  /// ```java
  /// model.to(DType.FLOAT64);
  /// ```
  ///
  /// @throws DTypeException if the dtype is not floating
  public final void to(DType dtype) {
    parameters().forEach(parameter -> parameter.to(dtype));
  }

  /// The dtype of the parameters, as that of the first; FLOAT32 if there are none.
  public final DType dtype() {
    return parameters().stream().findFirst().map(Param::dtype).orElse(DType.FLOAT32);
  }

  /// Makes a copy out of a module that was built from the same options, whatever its values: it takes over those of
  /// this one, and what is frozen.
  ///
  /// ```java
  /// CharRnn sampler = model.copyTo(new CharRnn(options, rng));
  /// ```
  ///
  /// @return `other`
  /// @throws IllegalArgumentException naming every parameter that does not fit, as [#load]
  public final <M extends Block> M copyTo(M other) {
    other.load(state());
    Map<String, Param> copies = other.namedParameters();
    namedParameters().forEach((name, parameter) -> copies.get(name).freeze(parameter.isFrozen()));
    return other;
  }

  /// Freezes some parameters, or releases them; returns how many. `names` is the dotted name of a parameter or of a
  /// part, which stands for all that is in it, or a regular expression for such names:
  ///
  /// ```java
  /// model.freeze("encoder", true);            // all of it
  /// model.freeze("encoder.cells.0", false);
  /// model.freeze(".*bias", true);
  /// ```
  ///
  /// @throws IllegalArgumentException if none matches, with the nearest names
  public final int freeze(String names, boolean frozen) {
    Map<String, Param> matching = matching("freeze", names);
    matching.values().forEach(parameter -> parameter.freeze(frozen));
    return matching.size();
  }

  /// Gives some parameters new initial values, each drawn from a stream of its own, `rng.split(name)`; returns how
  /// many. `names` as for [#freeze].
  ///
  /// ```java
  /// model.initialize("cells.*weight_hh", rng, (draws, shape) -> Init.orthogonalGates(draws, 4, shape.size(1)));
  /// ```
  ///
  /// @throws IllegalArgumentException if none matches, with the nearest names
  /// @throws ShapeException if a drawn tensor does not have the parameter's shape
  public final int initialize(String names, Rng rng, BiFunction<Rng, Shape, Tensor> draw) {
    Map<String, Param> matching = matching("initialize", names);
    matching.forEach((name, parameter) -> {
      Tensor value = draw.apply(rng.split(name), parameter.value().shape());
      if (!value.shape().equals(parameter.value().shape())) {
        throw new ShapeException(
            "initialize: " + name + " is " + parameter.value().shape() + ", drawn was " + value.shape());
      }
      parameter.value().assign(value.to(parameter.dtype()));
    });
    return matching.size();
  }

  private Map<String, Param> matching(String operation, String names) {
    Map<String, Param> matching = namedParameters();
    matching.keySet().retainAll(Names.matching(operation, names, matching.keySet()));
    return matching;
  }

  /// A table: every part with its kind and what is in it, every parameter with its shape, number of elements, and
  /// whether it is frozen or shared; the total at the end.
  public final String summary() {
    return Summary.of(this, null);
  }

  /// The same with what every part returns when the model reads an example, as far as it is noted (see [Shapes]):
  ///
  /// ```java
  /// IO.println(model.summary(tape -> model.forward(tape.constant(Tensor.zeros(DType.INT32, 2, 4)))));
  /// ```
  ///
  /// @param run runs the model on an inference tape, which draws nothing, and returns what stands behind the total
  public final String summary(Function<Tape, Variable> run) {
    return Summary.of(this, Shapes.of(this, run));
  }

  /// One line: the kind, the parameters of this module's own with their shapes, its parts with their kinds and sizes,
  /// and the number of elements of all; [#summary] says all.
  @Override
  public String toString() {
    Stream<String> parameters = own.entrySet().stream()
        .map(named -> named.getKey() + " " + named.getValue().value().shape());
    Stream<String> parts = children.entrySet().stream().map(named -> named.getKey() + " "
        + named.getValue().getClass().getSimpleName() + " " + Summary.number(named.getValue().parameterCount()));
    return Stream.concat(parameters, parts).collect(Collectors.joining(", ", getClass().getSimpleName() + "(", "; "))
        + Summary.number(parameterCount()) + " elements)";
  }

  Map<String, Param> own() {
    return own;
  }

  Map<String, Block> children() {
    return children;
  }
}

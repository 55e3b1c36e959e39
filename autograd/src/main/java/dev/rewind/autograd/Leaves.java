package dev.rewind.autograd;

import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Whose gradients a tape is to give: parameters, and variables that are retained or have a hook, all by slot.
final class Leaves {
  private final Map<Param, Variable> watched = new IdentityHashMap<>();
  private final Map<Param, Integer> parameters = new LinkedHashMap<>();
  private final Map<Integer, Variable> retained = new HashMap<>();
  private final Map<Integer, UnaryOperator<Variable>> hooks = new HashMap<>();
  private final BitSet observed = new BitSet(); // slots that are retained or have a hook

  /// The variable of a parameter, null if it was not watched yet.
  Variable of(Param parameter) {
    return watched.get(parameter);
  }

  /// Says which variable stands for a parameter from now on.
  void watch(Param parameter, Variable variable) {
    watched.put(parameter, variable);
  }

  /// Says that the gradient of a variable is found under a parameter.
  void own(Param parameter, Variable leaf) {
    parameters.put(parameter, leaf.slot());
  }

  /// Keeps the gradient of a variable.
  void retain(Variable variable) {
    retained.put(variable.slot(), variable);
    observed.set(variable.slot());
  }

  /// Shows the gradient of a variable to a function.
  void hook(Variable variable, UnaryOperator<Variable> hook) {
    hooks.merge(variable.slot(), hook, (first, second) -> g -> second.apply(first.apply(g)));
    observed.set(variable.slot());
  }

  /// Whether the gradient of a slot is retained or has a hook.
  boolean isObserved(int slot) {
    return observed.get(slot);
  }

  /// What the hook of a slot makes of its gradient, itself if there is none.
  Variable hooked(int slot, Variable g) {
    UnaryOperator<Variable> hook = hooks.get(slot);
    return hook == null ? g : hook.apply(g);
  }

  /// Parameters under which gradients are found, in the order in which they were watched first, with their slots.
  Map<Param, Integer> parameters() {
    return new LinkedHashMap<>(parameters); // a hook may watch another one
  }

  /// Variables whose gradients are kept, by slot, in order.
  Map<Integer, Variable> retained() {
    return new TreeMap<>(retained);
  }

  /// The parameter with that variable, or else its dtype and shape, for a message.
  String nameOf(Variable variable) {
    return watched.entrySet().stream().filter(entry -> entry.getValue().value == variable.value)
        .map(entry -> "parameter " + entry.getKey()).findFirst()
        .orElse("a tensor " + variable.dtype() + " " + variable.shape());
  }

  void clear() {
    watched.clear();
    parameters.clear();
    retained.clear();
    hooks.clear();
  }
}

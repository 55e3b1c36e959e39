package dev.rewind.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/// What holds for the code as a whole.
class ArchitectureTest {
  private static final List<Code.Type> TYPES = Code.types();

  /// Packages that use each other today. The list may only get shorter.
  private static final Set<Set<String>> CYCLES = Set.of();

  /// Fields of classes that hold what changes: the thread pool and the kernels in use. Neither changes a bit of a result.
  private static final Set<String> STATE = Set.of("dev.rewind.tensor.kernel.Kernels.active",
      "dev.rewind.tensor.kernel.thread.ThreadPool.current");

  @Test
  void modulesUseOnlyThoseBelowThem() {
    Map<String, Integer> moduleOf = new TreeMap<>();
    TYPES.forEach(type -> moduleOf.put(type.name(), type.module()));
    List<String> upwards = new ArrayList<>();
    for (Code.Type type : TYPES) {
      for (String used : type.uses()) {
        if (moduleOf.getOrDefault(used, 0) > type.module()) {
          upwards.add(type.name() + " uses " + used);
        }
      }
    }
    assertThat(TYPES).hasSizeGreaterThan(200);
    assertThat(upwards).isEmpty();
  }

  /// The packages of nn, and which of them each may use.
  private static final Map<String, Set<String>> WITHIN_NN = Map.ofEntries(
      Map.entry("", Set.of(".fused", ".init", ".names")),
      Map.entry(".attention", Set.of("", ".init", ".rnn")),
      Map.entry(".cells", Set.of("", ".fused", ".init", ".rnn")),
      Map.entry(".data", Set.of(".rnn")),
      Map.entry(".fused", Set.of()),
      Map.entry(".generate", Set.of("", ".cells", ".fused", ".rnn", ".wrappers")),
      Map.entry(".init", Set.of()),
      Map.entry(".io", Set.of("", ".names")),
      Map.entry(".names", Set.of()),
      Map.entry(".optim", Set.of(".names")),
      Map.entry(".rnn", Set.of("", ".fused", ".init", ".names")),
      Map.entry(".train", Set.of("", ".io", ".names", ".optim")),
      Map.entry(".wrappers", Set.of("", ".cells", ".rnn")));

  @Test
  void packagesOfNnUseOnlyThoseBelowThem() {
    String nn = "dev.rewind.nn";
    List<String> upwards = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (Code.Type type : TYPES) {
      if (type.packageName().equals(nn) || type.packageName().startsWith(nn + ".")) {
        String here = type.packageName().substring(nn.length());
        seen.add(here);
        Set<String> allowed = WITHIN_NN.getOrDefault(here, Set.of());
        type.uses().stream().filter(used -> used.startsWith(nn + "."))
            .filter(used -> !Code.packageName(used).equals(type.packageName())
                && !allowed.contains(Code.packageName(used).substring(nn.length())))
            .forEach(used -> upwards.add(type.name() + " uses " + used));
      }
    }
    assertThat(seen).isEqualTo(WITHIN_NN.keySet());
    assertThat(upwards).isEmpty();
  }

  @Test
  void packagesHaveNoCyclesButTheKnownOnes() {
    Map<String, Set<String>> uses = new TreeMap<>();
    Map<String, Set<String>> why = new TreeMap<>();
    for (Code.Type type : TYPES) {
      Set<String> used = uses.computeIfAbsent(type.packageName(), _ -> new TreeSet<>());
      for (String other : type.uses()) {
        String there = Code.packageName(other);
        if (!there.equals(type.packageName())) {
          used.add(there);
          why.computeIfAbsent(type.packageName() + " > " + there, _ -> new TreeSet<>())
              .add(type.name() + " -> " + other);
        }
      }
    }
    Set<Set<String>> cycles = new HashSet<>();
    for (String from : uses.keySet()) {
      for (String to : reachable(uses, from)) {
        if (from.compareTo(to) < 0 && reachable(uses, to).contains(from)) {
          cycles.add(Set.of(from, to));
        }
      }
    }
    assertThat(uses.get("dev.rewind.nn.rnn")).contains("dev.rewind.nn", "dev.rewind.tensor");
    assertThat(cycles).as(() -> because(cycles, why)).isEqualTo(CYCLES);
  }

  private static String because(Set<Set<String>> cycles, Map<String, Set<String>> why) {
    StringBuilder text = new StringBuilder("packages that use each other");
    for (Set<String> cycle : cycles) {
      for (String from : cycle) {
        for (String to : cycle) {
          why.getOrDefault(from + " > " + to, Set.of()).forEach(use -> text.append("\n").append(use));
        }
      }
    }
    return text.toString();
  }

  private static Set<String> reachable(Map<String, Set<String>> uses, String from) {
    Set<String> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(uses.getOrDefault(from, Set.of()));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (found.add(next)) {
        open.addAll(uses.getOrDefault(next, Set.of()));
      }
    }
    return found;
  }

  @Test
  void publicSignaturesNameOnlyWhatIsPublicAndExported() throws Exception {
    Set<String> exported = new TreeSet<>();
    for (Class<?> module : Code.libraries().toList()) {
      for (ModuleDescriptor.Exports exports : Code.module(module).descriptor().exports()) {
        if (!exports.isQualified()) {
          exported.add(exports.source());
        }
      }
    }
    assertThat(exported).contains("dev.rewind.tensor", "dev.rewind.autograd", "dev.rewind.nn");
    List<String> leaks = new ArrayList<>();
    for (Code.Type type : TYPES) {
      if (!exported.contains(type.packageName()) || !Code.isVisible(type.load())) {
        continue;
      }
      for (MethodModel method : type.model().methods()) {
        if (isVisible(method.flags().flags())) {
          Code.mentions(method).stream().filter(used -> !isPublic(exported, used))
              .forEach(used -> leaks.add(type.name() + "." + method.methodName() + " names " + used));
        }
      }
      for (FieldModel field : type.model().fields()) {
        if (isVisible(field.flags().flags())) {
          Code.mentions(field).stream().filter(used -> !isPublic(exported, used))
              .forEach(used -> leaks.add(type.name() + "." + field.fieldName() + " names " + used));
        }
      }
    }
    assertThat(leaks).isEmpty();
  }

  private static boolean isVisible(Set<AccessFlag> flags) {
    return (flags.contains(AccessFlag.PUBLIC) || flags.contains(AccessFlag.PROTECTED))
        && !flags.contains(AccessFlag.SYNTHETIC);
  }

  private static boolean isPublic(Set<String> exported, String name) {
    try {
      return exported.contains(Code.packageName(name))
          && Code.isVisible(Class.forName(name, false, ArchitectureTest.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nothingStaticChangesButThePoolAndTheKernels() throws Exception {
    Set<String> state = new TreeSet<>();
    for (Code.Type type : TYPES) {
      for (Field field : type.load().getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic() && isMutable(field)) {
          state.add(type.name() + "." + field.getName());
        }
      }
    }
    assertThat(state).isEqualTo(STATE);
  }

  private static boolean isMutable(Field field) throws IllegalAccessException {
    if (!Modifier.isFinal(field.getModifiers())) {
      return true;
    }
    field.setAccessible(true);
    Object value = field.get(null);
    if (field.getType().isArray()) {
      return Array.getLength(value) > 0 && !isTable(field);
    }
    return switch (value) {
      case ThreadLocal<?> _,Lock _,Iterator<?> _ -> true;
      case Collection<?> _,Map<?, ?> _ -> !value.getClass().getName().matches(".*(Immutable|Unmodifiable).*");
      default -> value.getClass().getName().startsWith("java.util.concurrent.");
    };
  }

  /// Whether a field is a table of a kernel's: numbers that nobody outside of the package can reach.
  private static boolean isTable(Field field) {
    return field.getDeclaringClass().getPackageName().startsWith("dev.rewind.tensor.kernel.")
        && field.getType().getComponentType().isPrimitive() && !Modifier.isPublic(field.getModifiers());
  }
}

package dev.rewind.nn.io;

import dev.rewind.autograd.Param;
import dev.rewind.nn.Block;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// Which tensor of a file belongs to which parameter of a model. Strict unless it says otherwise: every parameter wants
/// a tensor, and every tensor a parameter.
///
/// ```java
/// Mapping mapping = Mapping.PYTORCH.withoutPrefix("module.").rename("^rnn\\.", "encoder.").ignore("decoder");
/// LoadReport report = TensorFile.read(path).load(model, mapping);
/// ```
///
/// Immutable; each method returns a mapping with one rule more. Rules that change names apply in their order.
public final class Mapping {
  /// Tensors are called as the parameters are.
  public static final Mapping SAME_NAMES = new Mapping(List.of(), List.of(), null, List.of(), false);

  /// The names of PyTorch's recurrent layers, which have two biases: where a parameter `bias_ih_l0` or `bias` of the
  /// model stands alone, it takes over the sum of `bias_ih_l0` and `bias_hh_l0`, to which the formula adds the same.
  public static final Mapping PYTORCH = SAME_NAMES.addedTo("bias_hh", "bias_ih").addedTo("bias_[ih]h", "bias");

  private record Rule(Pattern pattern, String replacement) {
    boolean matches(String name) {
      return pattern.matcher(name).find();
    }

    String apply(String name) {
      return pattern.matcher(name).replaceAll(replacement);
    }
  }

  private final List<Rule> renames;
  private final List<Rule> sums;
  private final String wanted; // an expression for parameters, or null for all
  private final List<String> ignored; // expressions for tensors
  private final boolean lenient;

  private Mapping(List<Rule> renames, List<Rule> sums, String wanted, List<String> ignored, boolean lenient) {
    this.renames = renames;
    this.sums = sums;
    this.wanted = wanted;
    this.ignored = ignored;
    this.lenient = lenient;
  }

  /// Replaces what matches a regular expression within the name of a tensor, as [String#replaceAll] does; `$1` stands
  /// for the first group.
  ///
  /// @throws IllegalArgumentException if it is not a regular expression, or there is no such group
  public Mapping rename(String regex, String replacement) {
    return new Mapping(with(renames, rule("rename", regex, replacement)), sums, wanted, ignored, lenient);
  }

  /// Removes a prefix such as `module.` from the names that have it.
  public Mapping withoutPrefix(String prefix) {
    return rename("^" + Pattern.quote(prefix), "");
  }

  /// Puts a prefix such as `encoder.` before all names: the file holds a part of the model.
  public Mapping withPrefix(String prefix) {
    return rename("^", Matcher.quoteReplacement(prefix));
  }

  /// A tensor whose name, changed so far, is no parameter's is added to what the parameter takes over that has its name
  /// after this replacement.
  ///
  /// @throws IllegalArgumentException if it is not a regular expression, or there is no such group
  public Mapping addedTo(String regex, String replacement) {
    return new Mapping(renames, with(sums, rule("addedTo", regex, replacement)), wanted, ignored, lenient);
  }

  /// Loads some parameters and leaves the rest as they are, with the tensors that are theirs: `names` is a parameter, a
  /// part, or a regular expression for such names, as for [Block#freeze].
  public Mapping only(String names) {
    return new Mapping(renames, sums, names, ignored, lenient);
  }

  /// Leaves out tensors, by names as they are in the file: `names` is one, all below one, or a regular expression for
  /// such names.
  ///
  /// @throws IllegalArgumentException if it is not a regular expression
  public Mapping ignore(String names) {
    rule("ignore", names, "");
    return new Mapping(renames, sums, wanted, with(ignored, names), lenient);
  }

  /// Accepts that parameters have no tensor, and tensors no parameter; the report has them. A tensor of another shape
  /// is refused all the same.
  public Mapping lenient() {
    return new Mapping(renames, sums, wanted, ignored, true);
  }

  private static Rule rule(String operation, String regex, String replacement) {
    try {
      Rule rule = new Rule(Pattern.compile(regex), replacement);
      Pattern.compile(regex + "|").matcher("").replaceAll(replacement); // refuses groups that there are not
      return rule;
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          operation + ": '" + regex + "' is not a regular expression: " + e.getDescription(), e);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IllegalArgumentException(operation + ": '" + replacement + "' does not fit '" + regex + "': "
          + e.getMessage(), e);
    }
  }

  private static <T> List<T> with(List<T> list, T more) {
    return Stream.concat(list.stream(), Stream.of(more)).toList();
  }

  /// The tensors under their new names, as for a program that calls them so; what is ignored is left out. Rules that
  /// add are not used.
  ///
  /// @throws IllegalArgumentException if two have the same new name
  public Map<String, Tensor> apply(Map<String, Tensor> tensors) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    Set<String> out = ignored(tensors.keySet());
    tensors.forEach((name, tensor) -> {
      if (!out.contains(name) && renamed.put(renamed(name), tensor) != null) {
        throw new IllegalArgumentException("apply: two tensors would be called " + renamed(name) + ", one was " + name);
      }
    });
    return renamed;
  }

  /// The rules that no name is for.
  private List<String> unused(Set<String> names) {
    List<String> unused = new ArrayList<>();
    List<String> now = List.copyOf(names);
    for (Rule rule : renames) {
      if (now.stream().noneMatch(rule::matches)) {
        unused.add("rename " + rule.pattern);
      }
      now = now.stream().map(rule::apply).toList();
    }
    ignored.stream().filter(one -> names.stream().noneMatch(below(one).asMatchPredicate()))
        .forEach(one -> unused.add("ignore " + one));
    return unused;
  }

  private static Pattern below(String expression) {
    return Pattern.compile("(?:" + expression + ")(?:\\..*)?");
  }

  private String renamed(String name) {
    for (Rule rule : renames) {
      name = rule.apply(name);
    }
    return name;
  }

  private Set<String> ignored(Set<String> names) {
    Set<String> out = new LinkedHashSet<>();
    ignored.forEach(one -> names.stream().filter(below(one).asMatchPredicate()).forEach(out::add));
    return out;
  }

  // ---- loading ------------------------------------------------------------------------------------------------------

  /// Nothing is changed unless all fit, and all could be read.
  LoadReport load(Map<String, StoredTensor> tensors, Block model) throws IOException {
    Map<String, Param> all = model.namedParameters();
    Map<String, List<String>> sources = new LinkedHashMap<>();
    all.keySet().forEach(name -> sources.put(name, new ArrayList<>()));
    List<String> unexpected = new ArrayList<>();
    List<String> added = new ArrayList<>();
    Set<String> out = ignored(tensors.keySet());
    for (String name : tensors.keySet()) {
      List<String> named = sources.get(renamed(name));
      if (named == null) {
        (out.contains(name) ? out : added).add(name);
      } else if (!out.contains(name)) {
        named.add(name);
        if (named.size() > 1) {
          throw new IllegalArgumentException(
              "load: " + String.join(" and ", named) + " are both for the parameter " + renamed(name));
        }
      }
    }
    for (String name : added) {
      String changed = renamed(name);
      sums.stream().map(rule -> sources.get(rule.apply(changed))).filter(Objects::nonNull).findFirst()
          .orElse(unexpected).add(name);
    }
    if (wanted != null) {
      sources.keySet().retainAll(Names.matching("load", wanted, all.keySet()));
    }
    return load(tensors, model, sources, unexpected);
  }

  private LoadReport load(Map<String, StoredTensor> tensors, Block model, Map<String, List<String>> sources,
      List<String> unexpected) throws IOException {
    Map<String, Param> parameters = model.namedParameters();
    List<String> missing = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    Map<String, List<String>> matched = new LinkedHashMap<>();
    sources.forEach((name, from) -> {
      List<Long> wants = StoredTensor.sizes(parameters.get(name).value().shape());
      List<String> wrong = from.stream()
          .filter(one -> !tensors.get(one).isFloating() || !tensors.get(one).shape().equals(wants))
          .map(one -> one + " is " + tensors.get(one) + ", wanted "
              + (tensors.get(one).isFloating() ? "" : "a floating dtype and ") + wants + " for " + name)
          .toList();
      misfits.addAll(wrong);
      if (from.isEmpty()) {
        missing.add(name);
      } else if (wrong.isEmpty()) {
        matched.put(name, List.copyOf(from));
      }
    });
    LoadReport report = new LoadReport(matched, missing, unexpected, misfits, unused(tensors.keySet()));
    if (lenient ? !misfits.isEmpty() : !report.isComplete()) {
      throw new IllegalArgumentException("load: the tensors do not fit the model; nothing was changed\n" + report);
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> values.put(name, parameter.value()));
    for (Map.Entry<String, List<String>> match : matched.entrySet()) {
      List<Tensor> parts = new ArrayList<>();
      for (String name : match.getValue()) {
        parts.add(tensors.get(name).read().to(parameters.get(match.getKey()).dtype()));
      }
      values.put(match.getKey(), parts.stream().reduce(Tensor::plus).orElseThrow());
    }
    model.load(values);
    return report;
  }
}

package dev.rewind.nn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the parts of a model return in one run, for [Block#summary(Function)]. The layers and drivers of this library
/// note it by themselves; a block of your own does so at the end of its `forward`, if it is to be in the table:
///
/// ```java
/// Variable forward(Variable x) {
///   return Shapes.note(this, second.forward(first.forward(x).relu()));
/// }
/// ```
///
/// It costs nothing on other tapes.
public final class Shapes {
  private final Map<Object, List<Shape>> seen = new IdentityHashMap<>();

  private Shapes() {}

  /// An observer of named variables that does not look at them.
  private record Observer(Shapes shapes) implements BiConsumer<String, Tensor> {
    @Override
    public void accept(String name, Tensor value) {}
  }

  /// Notes what a part returns, if the summary of a model asks for it.
  ///
  /// @param part a block, or anything else, which is ignored
  /// @return the result
  public static Variable note(Object part, Variable result) {
    if (result.tape().options().observer().orElse(null) instanceof Observer observer) {
      observer.shapes.seen.computeIfAbsent(part, _ -> new ArrayList<>()).add(result.shape());
    }
    return result;
  }

  /// The shapes of one run of a model, which is noted too.
  static Shapes of(Block model, Function<Tape, Variable> run) {
    Shapes shapes = new Shapes();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(new Observer(shapes)))) {
      shapes.seen.put(model, List.of(run.apply(tape).shape()));
    }
    return shapes;
  }

  /// What a part returned, such as `[4, 2]`, or `3 x [4, 2]` of three calls; empty if it was not called.
  String of(Block part) {
    List<Shape> shapes = seen.getOrDefault(part, List.of());
    return shapes.size() > 1 && Set.copyOf(shapes).size() == 1 ? shapes.size() + " x " + shapes.getFirst()
        : shapes.stream().map(Shape::toString).distinct().collect(Collectors.joining(", "));
  }
}

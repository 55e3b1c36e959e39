package dev.rewind.autograd;

import java.util.Objects;
import java.util.function.Function;

/// Something that a tape computes once, when it is first asked for: what all steps of a recurrence share, such as a
/// normalised weight. Each memo is a key of its own, so that no two can be mixed up; make it where the recipe is known,
/// in the constructor of a cell say, and keep it in a field.
///
/// ```java
/// private final Memo scaled = Memo.of(tape -> tape.watch(weight).divide(tape.watch(weight).norm()));
/// ..
/// x.linear(scaled.on(x.tape()));
/// ```
public final class Memo {
  private final Function<Tape, Variable> make;

  private Memo(Function<Tape, Variable> make) {
    this.make = Objects.requireNonNull(make);
  }

  /// What `make` computes, once on each tape.
  public static Memo of(Function<Tape, Variable> make) {
    return new Memo(make);
  }

  /// The variable on a tape, the same at every call.
  ///
  /// @throws IllegalStateException if the tape is consumed or closed, and never computed it before
  public Variable on(Tape tape) {
    return tape.memoised(this, make);
  }
}

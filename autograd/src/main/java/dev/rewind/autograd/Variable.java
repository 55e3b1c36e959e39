package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// A tensor on a tape: operations on it are recorded if a gradient may flow through them. Methods have the names and
/// the meaning of those of [Tensor], shapes, errors and cost too: where those give a view, the value here is one.
/// Operands of two tapes, or of one that is consumed or closed, are an [IllegalStateException]. Comparisons are made on
/// [#value].
///
/// What can be computed with it stands in the interfaces, by family: [Arithmetic] for example, in a file of that name.
public final class Variable implements Arithmetic, Activations, Products, Reductions, Movement, Indexing {
  private final Tape tape;
  private final int slot;
  final Tensor value;
  private final int version;

  Variable(Tape tape, int slot, Tensor value) {
    this(tape, slot, value, value.version());
  }

  Variable(Tape tape, int slot, Tensor value, int version) {
    this.tape = tape;
    this.slot = slot;
    this.value = value;
    this.version = version;
  }

  /// The elements and where they were.
  ///
  /// @param values in descending order
  /// @param indices INT32, of the same shape
  public record TopK(Variable values, Tensor indices) {}

  // ---- what it is ---------------------------------------------------------------------------------------------------

  /// The tape that this belongs to.
  @Override
  public Tape tape() {
    return tape;
  }

  /// The tensor.
  ///
  /// @throws IllegalStateException during a backward pass, if the tensor was changed in place after it was recorded
  @Override
  public Tensor value() {
    if (version != value.version() && tape.running() != null) {
      throw tape.running().changedInPlace(tape.leaves.nameOf(this));
    }
    return value;
  }

  /// The dtype of the elements.
  @Override
  public DType dtype() {
    return value.dtype();
  }

  /// The sizes of the axes.
  @Override
  public Shape shape() {
    return value.shape();
  }

  /// The size of an axis.
  @Override
  public int size(int axis) {
    return value.size(axis);
  }

  /// The number of axes.
  @Override
  public int rank() {
    return value.rank();
  }

  /// The only element of a variable that has one.
  public double item() {
    return value.item();
  }

  /// Whether a gradient may flow through this.
  public boolean isTracked() {
    return slot != Tape.UNTRACKED;
  }

  /// The place of its gradient in a backward pass.
  int slot() {
    return slot;
  }

  /// Shows the value to the tape's observer, if there is one, under a name, which begins with that of the [Tape#scope];
  /// returns this.
  public Variable named(String name) {
    tape.show(name, value);
    return this;
  }

  /// Keeps the gradient of this variable for [Gradients#of(Variable)]; returns this.
  public Variable retainGradient() {
    if (isTracked()) {
      tape.leaves.retain(this);
    }
    return this;
  }

  /// Shows the gradient of this variable to a function during a backward pass, and goes on with what that returns;
  /// returns this.
  public Variable onGradient(UnaryOperator<Variable> hook) {
    if (isTracked()) {
      tape.leaves.hook(this, hook);
    }
    return this;
  }

  // ---- operations that are not methods of one variable; the others are in the interfaces ----------------------------

  /// The variables one after another along an axis.
  public static Variable concat(int axis, List<Variable> variables) {
    return Movement.concat(axis, variables);
  }

  /// Variables of one shape side by side along a new axis.
  public static Variable stack(int axis, List<Variable> variables) {
    return Movement.stack(axis, variables);
  }

  /// A sum of products of the elements of one or two variables, by letters for their axes: `"bij,bjk->bik"` is a
  /// product of matrices, `"ij->ji"` a transpose, `"bi,bi->b"` products of vectors, `"ij->"` the sum of all. Letters
  /// that are not in the result are summed over. It is one matrix product: no diagonals (`"ii"`), no dots, no third
  /// variable.
  ///
  /// @throws IllegalArgumentException if the equation is not one for as many variables
  /// @throws dev.rewind.tensor.ShapeException if sizes do not fit
  public static Variable einsum(String equation, Variable... variables) {
    return Products.einsum(equation, List.of(variables));
  }

  /// `a` where the condition (BOOL) is true, else `b`; all three broadcast.
  public static Variable where(Tensor condition, Variable a, Variable b) {
    return where(a.tape.constant(condition), a, b);
  }

  /// [#where(Tensor, Variable, Variable)] by a condition that is a constant of the tape.
  public static Variable where(Variable condition, Variable a, Variable b) {
    return Indexing.where(condition, a, b);
  }

  /// The same value as a constant: no gradient flows through it.
  public Variable stopGradient() {
    return tape.constant(value());
  }

  /// The constant 0, for what gets no gradient: chosen, not multiplied by, since a gradient may be infinite.
  Variable zero() {
    return tape.constant(Tensor.zeros(dtype()));
  }

  /// The dtype, the shape, and the elements.
  @Override
  public String toString() {
    return "variable " + dtype() + " " + shape() + (isTracked() ? "" : ", constant") + ":\n" + value;
  }
}

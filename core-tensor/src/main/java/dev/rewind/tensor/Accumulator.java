package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.Binary;
import java.util.function.Consumer;

/// A sum of tensors of one shape, formed in place: the first term overwrites the memory, the rest is added to
/// it. The verbs that add a function of two tensors make no tensor of it on the way; the sum has the
/// bits that it would have if they did, except that products of matrices go on from what is there, each element in one
/// chain. What is added has the dtype of the sum, and must not be a view of its memory.
///
/// ```java
/// Accumulator sum = Accumulator.into(memory);
/// sum.addTimes(a, b);        // memory = a * b
/// sum.addMatmul(x, w);       // memory += x w
/// ```
public final class Accumulator {
  private final Tensor sum;
  private boolean empty = true;

  private Accumulator(Tensor memory) {
    this.sum = memory;
  }

  /// A sum in the memory of that tensor, which is overwritten.
  ///
  /// @param memory FLOAT32 or FLOAT64, of the shape of the sum; a view changes its part of the array
  /// @throws DTypeException if it is of another dtype
  /// @throws IllegalStateException if elements of the memory overlap
  public static Accumulator into(Tensor memory) {
    Elementwise.requireFloating("accumulate", memory);
    Elementwise.requireWritable("accumulate", memory);
    return new Accumulator(memory);
  }

  /// Adds a tensor of the sum's shape.
  ///
  /// @throws ShapeException if it has another shape
  /// @throws DTypeException if it has another dtype
  public void add(Tensor x) {
    Elementwise.requireSameDType("accumulate", sum, x);
    if (!x.shape().equals(sum.shape())) {
      throw new ShapeException("accumulate: " + x.shape() + " into " + sum.shape());
    }
    if (empty) {
      Elementwise.copy(x, sum);
    } else {
      Elementwise.binary(Binary.PLUS, sum, x, sum);
    }
    changed();
  }

  /// Adds `a * b`, element by element. Both broadcast to the shape of the sum; operands that are not contiguous take
  /// memory for one more tensor of that shape.
  ///
  /// @throws ShapeException if one does not broadcast to the shape of the sum
  /// @throws DTypeException if one has another dtype
  public void addTimes(Tensor a, Tensor b) {
    add(Binary.TIMES, a, b);
  }

  /// Adds `g * (1 - y^2)`: a gradient through tanh, whose value is `y`. Shapes, errors and cost as for [#addTimes].
  public void addTanhBackward(Tensor g, Tensor y) {
    add(Binary.TANH_BACKWARD, g, y);
  }

  /// Adds `g * y * (1 - y)`: a gradient through the logistic function, whose value is `y`. Shapes, errors and cost as
  /// for [#addTimes].
  public void addSigmoidBackward(Tensor g, Tensor y) {
    add(Binary.SIGMOID_BACKWARD, g, y);
  }

  /// Adds the product of two matrices, `[n, k] by [k, m]`, to a sum `[n, m]`; operands may be strided in any way.
  ///
  /// @throws ShapeException if the sizes do not fit
  /// @throws DTypeException if one has another dtype
  public void addMatmul(Tensor a, Tensor b) {
    fillIfEmpty();
    Products.accumulate(a, b, sum);
    changed();
  }

  /// Adds the product of two matrices, of which the right one was laid out before; a FLOAT32 sum, else as for
  /// [#addMatmul(Tensor, Tensor)].
  public void addMatmul(Tensor a, PackedMatrix b) {
    Elementwise.requireSameDType("accumulate", sum, a);
    b.accumulate(a, sum, empty);
    changed();
  }

  /// Adds the tensor that `writer` fills: it is passed one with undefined contents, and writes every element. That is
  /// the memory of the sum if nothing was added before, else a new tensor.
  public void addWritten(Consumer<Tensor> writer) {
    if (empty) {
      writer.accept(sum);
      changed();
    } else {
      Tensor written = Tensor.zeros(sum.dtype(), sum.shape());
      writer.accept(written);
      add(written);
    }
  }

  /// The sum so far, zeros if nothing was added: the memory itself, which goes on changing.
  public Tensor total() {
    fillIfEmpty();
    return sum;
  }

  private void add(Binary op, Tensor a, Tensor b) {
    Elementwise.requireSameDType("accumulate", sum, a);
    Elementwise.requireSameDType("accumulate", sum, b);
    Tensor left = expanded(a);
    Tensor right = expanded(b);
    if (empty) {
      Elementwise.binary(op, left, right, sum);
    } else {
      Elementwise.accumulate(op, left, right, sum);
    }
    changed();
  }

  private Tensor expanded(Tensor x) {
    if (!x.shape().broadcast("accumulate", sum.shape()).equals(sum.shape())) {
      throw new ShapeException("accumulate: " + x.shape() + " does not broadcast to " + sum.shape());
    }
    return x.expand(sum.shape());
  }

  private void fillIfEmpty() {
    if (empty) {
      sum.fill(0);
      empty = false;
    }
  }

  private void changed() {
    empty = false;
    sum.markChanged();
  }
}

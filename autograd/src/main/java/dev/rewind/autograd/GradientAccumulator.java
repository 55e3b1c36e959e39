package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The gradient of one variable while a backward pass of the first order adds it up; what the second function of
/// [Op#wrt(Variable, Op.Rule, Op.AddInto)] adds to. A single contribution is taken as it is; several are added in place
/// into memory of its own. Products of matrices wait, to be formed together as one large product, and so do looked-up
/// rows, until someone needs the whole table.
public final class GradientAccumulator {
  private final PooledPass owner;
  private final DType dtype;
  private final Shape shape;
  private Tensor only; // the only contribution so far, not ours
  // the memory of the sum, or of the only contribution; null if that is none of the pool's
  private BufferPool.Buffer buffer;
  private Accumulator sum;
  private DeferredProducts products;
  private List<Gradient.Lookup> lookups;

  GradientAccumulator(PooledPass owner, DType dtype, Shape shape) {
    this.owner = owner;
    this.dtype = dtype;
    this.shape = shape;
  }

  /// Adds a gradient of the variable's shape, or of one that the variable was broadcast to.
  public void add(Tensor g) {
    Tensor fitting = g.shape().equals(shape) ? g : BackwardPass.unbroadcast(owner.tape.constant(g), shape).value();
    if (isEmpty()) {
      only = fitting;
      BufferPool.Buffer of = owner.bufferOf(fitting);
      buffer = of == null ? null : of.hold();
    } else {
      dense().add(fitting);
    }
  }

  private boolean isEmpty() {
    return only == null && sum == null && products == null && lookups == null;
  }

  /// The sum in memory of its own, of the variable's shape, to be added to without making a tensor first.
  public Accumulator dense() {
    settleLookups();
    return own();
  }

  private Accumulator own() {
    if (sum == null) {
      BufferPool.Buffer before = buffer;
      buffer = owner.pool().take(dtype, shape);
      owner.pool().adopt(buffer.tensor);
      sum = Accumulator.into(buffer.tensor);
      if (only != null) {
        sum.add(only);
        only = null;
        owner.pool().release(before);
      }
    }
    return sum;
  }

  /// Adds `g * factor`, element by element, of the variable's shape, or of one that the variable was broadcast to.
  public void addTimes(Tensor g, Tensor factor) {
    if (g.shape().equals(shape)) {
      dense().addTimes(g, factor);
    } else {
      add(g.times(factor));
    }
  }

  /// Adds a product `[.., n, k] by [.., k, m]`, of two matrices without making a tensor first.
  public void addMatmul(Tensor a, Tensor b) {
    if (a.rank() == 2 && b.rank() == 2) {
      owner.tape.packed.addMatmul(dense(), a, b);
    } else {
      add(a.matmul(b));
    }
  }

  /// Adds `left' right` for `[.., k, n]` and `[.., k, m]`, one of which is the gradient that the rule was given: those
  /// of matrices in time, together with other such products. Both stay as they are until then.
  public void addTransposedMatmul(Tensor left, Tensor right) {
    if (left.rank() != 2 || right.rank() != 2) {
      add(left.transpose().matmul(right));
      return;
    }
    settleLookups();
    if (products == null) {
      products = new DeferredProducts(owner.pool());
    }
    BufferPool.Buffer of = owner.bufferOf(left);
    products.add(left, right, of != null ? of : owner.bufferOf(right));
    if (products.areMany()) {
      products.addTo(own());
    }
  }

  /// Adds rows to a table, `g[i..]` to its row `indices[i..]`. The gradient stays a set of rows where that is less.
  void addRows(Tensor indices, Tensor g) {
    if (isEmpty() || lookups != null) {
      owner.keepTaken();
      lookups = lookups == null ? new ArrayList<>() : lookups;
      lookups.add(new Gradient.Lookup(indices, g));
      if (lookups.stream().mapToInt(lookup -> lookup.indices().elements()).sum() >= shape.size(0)) {
        settleLookups();
      }
    } else {
      own().total().scatterAddInPlace(indices, g, 0);
    }
  }

  /// Adds waiting rows into a whole table.
  private void settleLookups() {
    if (lookups != null) {
      List<Gradient.Lookup> waiting = lookups;
      lookups = null;
      Tensor table = own().total();
      waiting.forEach(lookup -> table.scatterAddInPlace(lookup.indices(), lookup.gradient(), 0));
    }
  }

  /// All that was added. It stays valid while [#buffer] is held.
  Tensor total() {
    settleLookups();
    if (products != null) {
      products.addTo(own());
      products = null;
    }
    return only != null ? only : own().total();
  }

  /// The memory of the total, held once by this sum; null if it is none of the pool's.
  BufferPool.Buffer buffer() {
    return buffer;
  }

  /// All that was added, for good.
  Gradient gradient() {
    if (lookups != null) {
      return Gradient.Rows.of(shape, lookups);
    }
    Tensor total = total();
    if (buffer != null) {
      buffer.keep();
      return new Gradient.Dense(total.contiguous());
    }
    return owner.lasting(total);
  }
}

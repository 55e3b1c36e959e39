package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The gradient of one slot while it is being added up.
abstract sealed class GradientSum {
  abstract void add(Variable g);

  /// Recorded gradients: variables, added by a recorded operation.
  static final class Variables extends GradientSum {
    private Variable total;

    @Override
    void add(Variable g) {
      total = total == null ? g : total.plus(g);
    }

    Variable total() {
      return total;
    }
  }

  /// Plain gradients. A single contribution is borrowed, since rules may hand on what is not theirs; several are added in
  /// place into memory of our own. Products of matrices wait, to be formed together as one large product, and so do
  /// looked-up rows, until someone needs the whole table.
  static final class Tensors extends GradientSum {
    private final GradientMemory memory;
    private final Shape shape;
    private final DType dtype;
    private final Tensor home; // where the total belongs, if it is a part of a larger one, else null
    private Tensor borrowed; // the only contribution so far, not ours
    private GradientMemory.Loan loan; // the memory of the sum, or of what is borrowed; null if it is none of ours
    private Accumulator sum;
    private DeferredProducts products;
    private List<Gradient.Lookup> lookups;

    Tensors(GradientMemory memory, DType dtype, Shape shape, Tensor home) {
      this.memory = memory;
      this.dtype = dtype;
      this.shape = shape;
      this.home = home;
    }

    @Override
    void add(Variable g) {
      share(g.value(), null);
    }

    /// Adds a tensor that someone else may hold as well, in memory `of`, or in nobody's.
    void share(Tensor g, GradientMemory.Loan of) {
      if (isUntouched() && home == null) {
        borrowed = g;
        loan = of == null ? null : of.hold();
      } else {
        sum().add(g);
      }
    }

    private boolean isUntouched() {
      return borrowed == null && sum == null && products == null && lookups == null;
    }

    /// The sum in memory of our own, to be added to.
    Accumulator sum() {
      settleLookups();
      return own();
    }

    private Accumulator own() {
      if (sum == null) {
        GradientMemory.Loan before = loan;
        loan = home == null ? memory.take(dtype, shape) : null;
        Tensor place = home == null ? loan.tensor : home;
        memory.adopt(place);
        sum = Accumulator.into(place);
        if (borrowed != null) {
          sum.add(borrowed);
          borrowed = null;
          memory.release(before);
        }
      }
      return sum;
    }

    /// Adds `left' right`, in time; both stay as they are until then.
    void addProduct(Tensor left, Tensor right, GradientMemory.Loan of) {
      settleLookups();
      if (products == null) {
        products = new DeferredProducts(memory);
      }
      products.add(left, right, of);
      if (products.areMany()) {
        products.addTo(own());
      }
    }

    /// Hands the waiting products, transposed, on to another sum, if there is nothing else.
    boolean handOnTransposed(Tensors other) {
      if (products == null || borrowed != null || sum != null || home != null) {
        return false;
      }
      products.handOnTransposed(other);
      products = null;
      return true;
    }

    void addPicked(Op.Picked picked, Playback.Finished finished) {
      Tensor g = finished.value();
      if (picked.rows() != null && (isUntouched() || lookups != null) && home == null) {
        finished.keep();
        lookups = lookups == null ? new ArrayList<>() : lookups;
        lookups.add(new Gradient.Lookup(picked.rows(), g));
        if (positions() >= shape.size(0)) {
          settleLookups();
        }
      } else {
        picked.scatter().addInto(sum().total(), g);
      }
    }

    private int positions() {
      return lookups.stream().mapToInt(lookup -> lookup.indices().elements()).sum();
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

    /// All that was added. It stays valid while [#loan] is held.
    Tensor total() {
      settleLookups();
      if (products != null) {
        products.addTo(own());
        products = null;
      }
      return borrowed != null ? borrowed : own().total();
    }

    DType dtype() {
      return dtype;
    }

    /// The memory of the total, held once by this sum; null if it is none of ours.
    GradientMemory.Loan loan() {
      return loan;
    }

    /// All that was added, for good.
    Gradient gradient() {
      if (lookups != null) {
        return Gradient.Rows.of(shape, lookups);
      }
      Tensor total = total();
      if (loan != null) {
        loan.keep();
      }
      return new Gradient.Dense(total.contiguous());
    }
  }
}

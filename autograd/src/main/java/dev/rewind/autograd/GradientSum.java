package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The gradient of one slot while it is being added up.
abstract sealed class GradientSum {
  abstract void add(Variable g);

  abstract Variable total(Tape tape);

  /// Recorded gradients: variables, added by a recorded operation.
  static final class Variables extends GradientSum {
    private Variable total;

    @Override
    void add(Variable g) {
      total = total == null ? g : total.plus(g);
    }

    @Override
    Variable total(Tape tape) {
      return total;
    }
  }

  /// Plain gradients: the first contribution is borrowed, since rules may hand on what is not theirs; from the second on
  /// they are added in place into a tensor of our own. Looked-up rows wait until someone needs the whole table.
  static final class Tensors extends GradientSum {
    private Tensor total;
    private boolean owned;
    private Shape table;
    private final List<Gradient.Lookup> lookups = new ArrayList<>(0);

    @Override
    void add(Variable g) {
      settle();
      add(g.value());
    }

    private void add(Tensor g) {
      if (total == null) {
        total = g;
      } else if (owned) {
        total.plusInPlace(g);
      } else {
        total = total.plus(g);
        owned = true;
      }
    }

    void addPicked(Shape shape, Op.Picked picked, Tensor g) {
      if (picked.rows() != null && total == null) {
        lookups.add(new Gradient.Lookup(picked.rows(), g));
        table = shape;
        if (positions() >= shape.size(0)) {
          settle();
        }
        return;
      }
      own(shape, g);
      picked.scatter().addInto(total, g);
    }

    private int positions() {
      return lookups.stream().mapToInt(lookup -> lookup.indices().elements()).sum();
    }

    private void own(Shape shape, Tensor like) {
      settle();
      if (!owned) {
        total = total == null ? Tensor.zeros(like.dtype(), shape) : total.copy();
        owned = true;
      }
    }

    /// Adds waiting rows into a whole table.
    private void settle() {
      if (!lookups.isEmpty()) {
        total = Tensor.zeros(lookups.getFirst().gradient().dtype(), table);
        owned = true;
        lookups.forEach(lookup -> total.scatterAddInPlace(lookup.indices(), lookup.gradient(), 0));
        lookups.clear();
      }
    }

    @Override
    Variable total(Tape tape) {
      settle();
      return tape.constant(total);
    }

    Gradient gradient() {
      return lookups.isEmpty() ? new Gradient.Dense(total.contiguous()) : Gradient.Rows.of(table, lookups);
    }
  }
}

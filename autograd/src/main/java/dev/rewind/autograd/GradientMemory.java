package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RowProgram;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/// Memory for the gradients that a playback adds up, taken back when the last one that reads it is done, so that a long
/// recurrence is played back in the memory of a few steps.
final class GradientMemory {
  /// A tensor lent, and how many hold it. What someone outside may have seen is never taken back.
  static final class Loan {
    final Tensor tensor;
    private int holders = 1;
    private boolean kept;

    private Loan(Tensor tensor) {
      this.tensor = tensor;
    }

    /// One more holds it.
    Loan hold() {
      holders++;
      return this;
    }

    /// It stays with those who have it for good.
    void keep() {
      kept = true;
    }
  }

  private record Kind(DType dtype, Shape shape) {}

  private static final class Shelf {
    final ArrayDeque<Tensor> idle = new ArrayDeque<>();
    boolean used;
  }

  private final Map<Kind, Shelf> shelves = new HashMap<>();
  private final Map<Integer, RowProgram> programs = new HashMap<>(); // of the playback under way, by rows

  /// Begins a playback in which operations on gradients with these numbers of rows wait for one another.
  void begin(Set<Integer> batches) {
    batches.forEach(rows -> programs.put(rows, RowProgram.of(rows)));
  }

  /// Computes all that waits.
  void end() {
    programs.values().forEach(RowProgram::close);
    programs.clear();
  }

  /// Says that gradients are added up there.
  void adopt(Tensor sum) {
    RowProgram program = programs.isEmpty() || sum.rank() == 0 ? null : programs.get(sum.size(0));
    if (program != null) {
      program.adopt(sum);
    }
  }

  /// A contiguous tensor of any contents, held once.
  Loan take(DType dtype, Shape shape) {
    Shelf shelf = shelf(dtype, shape);
    shelf.used = true;
    Tensor idle = shelf.idle.poll();
    return new Loan(idle != null ? idle : Tensor.zeros(dtype, shape));
  }

  /// One holder fewer; null is nobody's.
  void release(Loan loan) {
    if (loan != null && --loan.holders == 0 && !loan.kept) {
      shelf(loan.tensor.dtype(), loan.tensor.shape()).idle.push(loan.tensor);
    }
  }

  private Shelf shelf(DType dtype, Shape shape) {
    return shelves.computeIfAbsent(new Kind(dtype, shape), kind -> new Shelf());
  }

  /// Ends a playback: lets go of shapes that it did not need, so that what is kept never exceeds what one playback took.
  void tidy() {
    for (Iterator<Shelf> all = shelves.values().iterator(); all.hasNext();) {
      Shelf shelf = all.next();
      if (!shelf.used) {
        all.remove();
      }
      shelf.used = false;
    }
  }
}

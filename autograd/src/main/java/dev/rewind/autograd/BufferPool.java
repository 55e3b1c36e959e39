package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Memory for the gradients that a backward pass adds up, taken back when the last one that reads it is done, so that a
/// long recurrence takes the memory of a few steps. Between passes it holds at most what the last one had in use at
/// once.
final class BufferPool {
  /// Where one pool is kept from tape to tape.
  static final Workspace.Kind<Class<?>, BufferPool> KIND = Workspace.Kind.of(key -> new BufferPool());

  /// A tensor lent, and how many hold it. What someone outside may have seen is never taken back.
  static final class Buffer {
    final Tensor tensor;
    private final Shelf shelf;
    private int holders = 1;
    private boolean kept;

    private Buffer(Tensor tensor, Shelf shelf) {
      this.tensor = tensor;
      this.shelf = shelf;
    }

    /// One more holds it.
    Buffer hold() {
      holders++;
      return this;
    }

    /// It stays with those who have it for good.
    void keep() {
      kept = true;
    }
  }

  private record Size(DType dtype, Shape shape) {}

  private static final class Shelf {
    final ArrayDeque<Tensor> idle = new ArrayDeque<>();
    int lent; // in this pass
    int most; // that were lent at once in this pass
  }

  private final Map<Size, Shelf> shelves = new HashMap<>();
  private RawAccess.DeferredRows deferred = RawAccess.deferRows(Set.of());

  /// Begins a pass in which operations on gradients with these numbers of rows are deferred.
  void begin(Set<Integer> batches) {
    deferred = RawAccess.deferRows(batches);
  }

  /// Runs what is deferred, and frees memory that this pass did not need.
  void end() {
    deferred.close();
    deferred = RawAccess.deferRows(Set.of());
    shelves.values().removeIf(shelf -> shelf.most == 0);
    for (Shelf shelf : shelves.values()) {
      while (shelf.idle.size() > shelf.most) {
        shelf.idle.pop();
      }
      shelf.lent = 0;
      shelf.most = 0;
    }
  }

  /// Lets operations on a sum of gradients be deferred.
  void adopt(Tensor sum) {
    deferred.adopt(sum);
  }

  /// A contiguous tensor of any contents, held once.
  Buffer take(DType dtype, Shape shape) {
    Shelf shelf = shelves.computeIfAbsent(new Size(dtype, shape), size -> new Shelf());
    shelf.most = Math.max(shelf.most, ++shelf.lent);
    Tensor idle = shelf.idle.poll();
    return new Buffer(idle != null ? idle : Tensor.zeros(dtype, shape), shelf);
  }

  /// One holder fewer; null is nobody's.
  void release(Buffer buffer) {
    if (buffer != null && --buffer.holders == 0 && !buffer.kept) {
      buffer.shelf.idle.push(buffer.tensor);
      buffer.shelf.lent--;
    }
  }

  /// How much is idle.
  @Override
  public String toString() {
    return shelves.values().stream().mapToInt(shelf -> shelf.idle.size()).sum() + " idle tensors of " + shelves.size()
        + " shapes";
  }
}

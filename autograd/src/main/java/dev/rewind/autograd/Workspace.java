package dev.rewind.autograd;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Buffers of fused operations that are reused from tape to tape: packed weights, saved activations. Owned by whoever
/// runs the loop, never by a layer, so that several runs can read one model. Safe for use by several threads.
public final class Workspace {
  private final Map<Object, Map<Class<?>, ArrayDeque<Object>>> idle = new HashMap<>();

  /// An empty workspace.
  public Workspace() {}

  /// An idle buffer of that kind that this owner gave back before, else a new one.
  ///
  /// @param owner whose buffer it is: a layer, or a record of a layer and sizes
  public synchronized <T> T borrow(Object owner, Class<T> kind, Supplier<T> make) {
    Object buffer = shelf(owner, kind).poll();
    return buffer != null ? kind.cast(buffer) : make.get();
  }

  /// Gives a buffer back.
  public synchronized void giveBack(Object owner, Class<?> kind, Object buffer) {
    shelf(owner, kind).push(kind.cast(buffer));
  }

  /// Forgets all idle buffers.
  public synchronized void clear() {
    idle.clear();
  }

  private ArrayDeque<Object> shelf(Object owner, Class<?> kind) {
    return idle.computeIfAbsent(owner, o -> new HashMap<>()).computeIfAbsent(kind, k -> new ArrayDeque<>());
  }
}

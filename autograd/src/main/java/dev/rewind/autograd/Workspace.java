package dev.rewind.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// Buffers of fused operations that are reused from tape to tape: packed weights, saved activations. Owned by the training
/// loop, never by a layer, so that several runs can read one model. Safe for use by several threads.
///
/// A buffer that the last few tapes did not use is let go, so that batches of ever other sizes do not fill the memory.
public final class Workspace {
  /// Tapes that an idle buffer outlives.
  private static final int TAPES = 4;

  /// A kind of buffer and how one is made. Buffers are found by their kind, which nobody else has, and by a key.
  ///
  /// @param <K> what tells buffers of this kind apart, by `equals`: sizes, and an owner if contents belong to one
  /// @param <T> the buffers
  public static final class Kind<K, T> {
    private final Function<K, T> make;

    private Kind(Function<K, T> make) {
      this.make = make;
    }

    /// A kind of buffers that `make` makes for a key.
    public static <K, T> Kind<K, T> of(Function<K, T> make) {
      return new Kind<>(Objects.requireNonNull(make));
    }
  }

  private record Place(Kind<?, ?> kind, Object key) {}

  private record Idle(Object buffer, long tape) {}

  private final Map<Place, Deque<Idle>> idle = new HashMap<>();
  private long tapes; // that were closed so far

  /// An empty workspace.
  public Workspace() {}

  /// An idle buffer of that kind and key, else a new one. It is the caller's alone until it is given back.
  @SuppressWarnings("unchecked") // only buffers of a kind are given back under it
  public synchronized <K, T> T borrow(Kind<K, T> kind, K key) {
    Deque<Idle> shelf = idle.get(new Place(kind, key));
    return shelf == null || shelf.isEmpty() ? kind.make.apply(key) : (T) shelf.pop().buffer;
  }

  /// Gives a buffer back.
  public synchronized <K, T> void giveBack(Kind<K, T> kind, K key, T buffer) {
    idle.computeIfAbsent(new Place(kind, key), place -> new ArrayDeque<>()).push(new Idle(buffer, tapes));
  }

  /// Counts a tape that has given everything back, and lets go of what none of the last ones used.
  synchronized void tapeClosed() {
    tapes++;
    for (Deque<Idle> shelf : idle.values()) {
      while (!shelf.isEmpty() && shelf.getLast().tape < tapes - TAPES) {
        shelf.removeLast(); // the one that was idle the longest
      }
    }
    idle.values().removeIf(Deque::isEmpty);
  }

  /// Lets go of all idle buffers.
  public synchronized void clear() {
    idle.clear();
  }

  /// How many buffers are idle.
  @Override
  public synchronized String toString() {
    return "workspace of " + idle.values().stream().mapToInt(Deque::size).sum() + " idle buffers";
  }

  /// What one tape has borrowed, to be given back in the order in which it came, the last first.
  static final class Loans {
    private final Workspace workspace;
    private final List<Runnable> returns = new ArrayList<>();

    Loans(Workspace workspace) {
      this.workspace = workspace;
    }

    <K, T> T borrow(Kind<K, T> kind, K key) {
      T buffer = workspace.borrow(kind, key);
      returns.add(() -> workspace.giveBack(kind, key, buffer));
      return buffer;
    }

    int count() {
      return returns.size();
    }

    /// Gives back what was borrowed since there were that many loans.
    void giveBack(int count) {
      List<Runnable> last = returns.subList(count, returns.size());
      last.forEach(Runnable::run);
      last.clear();
    }
  }
}

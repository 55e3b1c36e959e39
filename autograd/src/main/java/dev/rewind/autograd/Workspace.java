package dev.rewind.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/// Buffers of fused operations that are reused from tape to tape: packed weights, saved activations. Owned by the
/// training loop, never by a layer, so that several runs can read one model. Safe for use by several threads.
///
/// A buffer that the last few tapes did not use is let go, and so is the one that was idle the longest where more are
/// idle than were ever in use at once: batches of ever other sizes do not fill the memory.
public final class Workspace {
  /// Tapes that an idle buffer outlives.
  private static final int TAPES = 4;
  /// Idle buffers that are kept in any case.
  private static final int FEW = 16;

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

  private record Idle(Kind<?, ?> kind, Object key, Object buffer, long tape) {}

  private final List<Idle> idle = new ArrayList<>(); // the one that was given back last comes last
  private int lent;
  private int mostLent;
  private long tapes; // that were closed so far

  /// An empty workspace.
  public Workspace() {}

  /// An idle buffer of that kind and key, else a new one. It is the caller's alone until it is given back.
  @SuppressWarnings("unchecked") // only buffers of a kind are given back under it
  public synchronized <K, T> T borrow(Kind<K, T> kind, K key) {
    mostLent = Math.max(mostLent, ++lent);
    for (int i = idle.size() - 1; i >= 0; i--) {
      if (idle.get(i).kind == kind && idle.get(i).key.equals(key)) {
        return (T) idle.remove(i).buffer;
      }
    }
    return kind.make.apply(key);
  }

  /// Gives a buffer back.
  public synchronized <K, T> void giveBack(Kind<K, T> kind, K key, T buffer) {
    lent--;
    idle.add(new Idle(kind, key, buffer, tapes));
    if (idle.size() > Math.max(FEW, mostLent)) {
      idle.removeFirst();
    }
  }

  /// Counts a tape that has given everything back, and lets go of what none of the last ones used.
  synchronized void tapeClosed() {
    tapes++;
    idle.removeIf(buffer -> buffer.tape < tapes - TAPES);
  }

  /// Lets go of all idle buffers.
  public synchronized void clear() {
    idle.clear();
  }

  /// How many buffers are idle.
  @Override
  public synchronized String toString() {
    return "workspace of " + idle.size() + " idle buffers";
  }

  /// What one tape has borrowed.
  static final class Loans {
    private record Loan(Object buffer, Runnable end) {}

    private final Workspace workspace;
    private final List<Loan> loans = new ArrayList<>();
    private BufferPool pool;

    Loans(Workspace workspace) {
      this.workspace = workspace;
    }

    <K, T> T borrow(Kind<K, T> kind, K key) {
      T buffer = workspace.borrow(kind, key);
      loans.add(new Loan(buffer, () -> workspace.giveBack(kind, key, buffer)));
      return buffer;
    }

    <K, T> void giveBack(Kind<K, T> kind, K key, T buffer) {
      loans.removeIf(loan -> loan.buffer == buffer);
      workspace.giveBack(kind, key, buffer);
    }

    /// Memory for gradients, borrowed for the first backward pass.
    BufferPool pool() {
      if (pool == null) {
        pool = borrow(BufferPool.KIND, BufferPool.class);
      }
      return pool;
    }

    int count() {
      return loans.size();
    }

    /// Gives back what was borrowed since there were that many loans.
    void giveBack(int count) {
      List<Loan> last = loans.subList(count, loans.size());
      last.forEach(loan -> loan.end.run());
      last.clear();
    }
  }
}

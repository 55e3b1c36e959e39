package dev.rewind.tensor.kernel.thread;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// The threads that kernels share their work out to, and the one class that knows of any. It is the library's single
/// exception to "no global state": cores belong to the process, not to a tape or a model, and since no result may
/// depend on who computes which task, nothing but time can be observed through it. The [Scratch] memory of products
/// goes with it.
///
/// The calling thread always takes part. Helpers are daemon threads, begun when first needed; they spin for some
/// microseconds after a job, then park, and end when nothing has come for some seconds.
public final class ThreadPool {
  /// The system property with the number of threads to begin with; without it, the number of processors.
  public static final String PROPERTY = "rewind.threads";

  /// More than any machine has; a larger number is a slip that would take the memory.
  private static final int MOST = 1 << 14;

  private static final long SPIN_NANOS = 500_000;
  private static final long IDLE_NANOS = 5_000_000_000L;

  private static volatile ThreadPool current;

  private final Helper[] helpers;
  private final AtomicInteger callers = new AtomicInteger();
  private final Scratch scratch = new Scratch();
  private volatile Job offered;
  private volatile boolean retired;

  private ThreadPool(int threads) {
    helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper();
    }
  }

  /// Runs `task` with 0, 1, ..., `tasks - 1` and returns when all have ended; what they wrote is then visible to the
  /// caller. Tasks begin in this order, on any of the threads. A nested call, or one made while the helpers work for
  /// another caller, runs all its tasks on the calling thread instead of waiting.
  ///
  /// If tasks throw, the exception of the lowest one is thrown here, as it would be by a plain loop; tasks not begun by
  /// then are left out. An interrupt neither stops the work nor gets lost.
  public static void forEach(int tasks, IntConsumer task) {
    Objects.requireNonNull(task, "forEach: task is null");
    if (tasks < 0) {
      throw new IllegalArgumentException("forEach: the number of tasks is negative: " + tasks);
    }
    if (tasks > 1) {
      current().run(tasks, task);
    } else if (tasks == 1) {
      task.accept(0);
    }
  }

  /// Works on the elements `from` to `to`, exclusive.
  public interface Range {
    void run(int from, int to);
  }

  /// Runs `task` over ranges of `length` that cover `[0, n)`, the last one shorter, as [#forEach] does.
  public static void forRanges(int n, int length, Range task) {
    forEach((n - 1) / length + 1, i -> task.run(i * length, i * length + Math.min(length, n - i * length)));
  }

  /// The number of threads that may work on one call, the caller among them.
  public static int threads() {
    return current().helpers.length + 1;
  }

  /// The memory that goes with the threads.
  public static Scratch scratch() {
    return current().scratch;
  }

  /// Sets the number of threads; 1 means that every caller does its own work. Calls under way end undisturbed.
  public static synchronized void resize(int threads) {
    if (threads < 1 || threads > MOST) {
      throw new IllegalArgumentException("resize: expected 1 to " + MOST + " threads, got " + threads);
    }
    ThreadPool old = current;
    current = new ThreadPool(threads);
    if (old != null) {
      old.retire();
    }
  }

  /// The number of threads that a value of [#PROPERTY] asks for.
  static int parse(String value) {
    if (value == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    int threads;
    try {
      threads = Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      threads = 0;
    }
    if (threads < 1 || threads > MOST) {
      throw new IllegalArgumentException(
          PROPERTY + ": expected a number of threads, 1 to " + MOST + ", got '" + value + "'");
    }
    return threads;
  }

  // Not done by a static initialiser, whose exceptions hide their message from all but the first caller.
  private static ThreadPool current() {
    ThreadPool workers = current;
    return workers != null ? workers : first();
  }

  private static synchronized ThreadPool first() {
    if (current == null) {
      current = new ThreadPool(parse(System.getProperty(PROPERTY)));
    }
    return current;
  }

  private void run(int tasks, IntConsumer task) {
    if (helpers.length == 0 || !callers.compareAndSet(0, 1)) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, task);
    try {
      offered = job;
      for (int i = Math.min(tasks - 1, helpers.length) - 1; i >= 0; i--) {
        helpers[i].wake();
      }
      job.work();
    } finally {
      offered = null;
      job.await();
      callers.set(0);
    }
    job.rethrow();
  }

  /// Waits some microseconds for a condition; false if it did not come to hold.
  private static boolean spin(BooleanSupplier condition) {
    for (long start = System.nanoTime(); System.nanoTime() - start < SPIN_NANOS;) {
      for (int i = 0; i < 32; i++) {
        if (condition.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
    }
    return false;
  }

  private void retire() {
    retired = true;
    for (Helper helper : helpers) {
      helper.unpark();
    }
  }

  /// One call of [#forEach]. Helpers may join until the caller, who has found no further task, closes it.
  private static final class Job {
    private static final int CLOSED = 1 << 30;

    private final int tasks;
    private final IntConsumer task;
    private final Thread caller = Thread.currentThread();
    private final AtomicLong next = new AtomicLong();        // beyond `tasks` by up to one per thread: no int
    private final AtomicInteger joined = new AtomicInteger();   // helpers at work, plus CLOSED
    private volatile boolean callerParks;
    private int failedTask;
    private Throwable failure;

    Job(int tasks, IntConsumer task) {
      this.tasks = tasks;
      this.task = task;
    }

    boolean hasWork() {
      return next.get() < tasks;
    }

    void help() {
      if (joined.getAndIncrement() < CLOSED) {
        work();
      }
      if (joined.decrementAndGet() == CLOSED && callerParks) {
        LockSupport.unpark(caller);
      }
    }

    void work() {
      for (long i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        try {
          task.accept((int) i);
        } catch (Throwable e) {
          fail((int) i, e);
        }
      }
    }

    // Tasks are begun in order, so every task below a failed one is begun too: the lowest failure is always the same.
    private synchronized void fail(int i, Throwable e) {
      next.set(tasks);
      if (failure == null || i < failedTask) {
        failedTask = i;
        failure = e;
      }
    }

    void await() {
      joined.getAndAdd(CLOSED);
      if (spin(() -> joined.get() == CLOSED)) {
        return;
      }
      boolean interrupted = false;
      callerParks = true;
      while (joined.get() != CLOSED) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();   // a pending interrupt would turn parking into spinning
      }
      if (interrupted) {
        caller.interrupt();
      }
    }

    synchronized void rethrow() {
      if (failure != null) {
        Job.<RuntimeException>rethrow(failure);
      }
    }

    @SuppressWarnings("unchecked")   // erased: whatever the task threw is thrown as it is
    private static <E extends Throwable> void rethrow(Throwable e) throws E {
      throw (E) e;
    }
  }

  /// A place for one helper thread. Only the caller who holds the helpers begins a thread, only the thread ends itself.
  private final class Helper implements Runnable {
    private static final int ENDED = 0;
    private static final int AWAKE = 1;
    private static final int PARKED = 2;

    private final AtomicInteger state = new AtomicInteger(ENDED);
    private volatile Thread thread;

    void wake() {
      if (!unpark() && state.get() == ENDED) {
        begin();
      }
    }

    boolean unpark() {
      boolean parked = state.compareAndSet(PARKED, AWAKE);
      if (parked) {
        LockSupport.unpark(thread);
      }
      return parked;
    }

    private void begin() {
      state.set(AWAKE);
      thread = Thread.ofPlatform().daemon().name("rewind-worker").inheritInheritableThreadLocals(false).unstarted(this);
      try {
        thread.start();
      } catch (OutOfMemoryError e) {
        state.set(ENDED);   // the system has no thread left: the others do the work
      }
    }

    @Override
    public void run() {
      while (help() || park()) {
        Thread.interrupted();   // a task may have left one behind; it would keep the thread from parking
      }
    }

    private boolean help() {
      boolean found = spin(this::isOffered);
      Job job = offered;
      if (found && job != null) {
        job.help();
      }
      return found;
    }

    /// Parks until woken; false if that did not happen in time, and the place is free for another thread.
    private boolean park() {
      state.set(PARKED);
      if (isOffered()) {   // checked after the state was set, as a caller reads the state after making the offer
        state.set(AWAKE);
        return true;
      }
      long start = System.nanoTime();
      while (state.get() == PARKED) {
        long left = retired ? 0 : IDLE_NANOS - (System.nanoTime() - start);
        if (left <= 0) {
          return !state.compareAndSet(PARKED, ENDED);
        }
        LockSupport.parkNanos(ThreadPool.this, left);
      }
      return true;
    }

    private boolean isOffered() {
      Job job = offered;
      return job != null && job.hasWork();
    }
  }
}

package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.function.IntConsumer;

/// The number of threads that operations on large tensors use, and the same threads for kernels of your own.
///
/// The number is a property of the process, and the only one: it changes how long a computation takes, never a bit of
/// its result. It begins as the value of the system property `rewind.threads`, or else the number of processors.
public final class Threads {
  private Threads() {}

  /// The number of threads that may work on one operation, the calling thread among them.
  ///
  /// @throws IllegalArgumentException if the system property `rewind.threads` is not a number from 1 to 16,384; so does
  ///     any operation on a large tensor, until [#resize] sets another one
  public static int count() {
    return ThreadPool.threads();
  }

  /// Sets the number of threads; with 1, every operation runs on the thread that calls it. Operations under way end
  /// undisturbed. Threads begin when there is work for them, and end when there was none for some seconds.
  ///
  /// @throws IllegalArgumentException if `threads` is not from 1 to 16,384
  public static void resize(int threads) {
    ThreadPool.resize(threads);
  }

  /// Chooses the kernels now instead of at the first operation. With the system property `rewind.kernels` set to
  /// `warming`, their compilation begins in the background, while the program reads its data.
  ///
  /// @throws IllegalArgumentException if the property has a value that it cannot have
  public static void prepare() {
    Kernels.active();
  }

  /// Runs `task` with 0, 1, ..., `tasks - 1`, distributed over the threads, and returns when all have ended; what they
  /// wrote is then visible to the caller.
  ///
  /// To keep results independent of the number of threads, cut the work by the size of the data alone (never by
  /// [#count]), let each task write what no other one reads or writes, and combine partial results afterwards, in the
  /// order of the tasks. A task that draws random numbers takes a stream of its own, `rng.split(index)`.
  ///
  /// Calls may be nested and may come from several threads at once: a caller that finds the threads busy works alone.
  /// Tasks must not wait for one another. If tasks throw, the exception of the lowest one is thrown here, and tasks not
  /// begun by then are left out. An interrupted caller still completes its work and stays interrupted.
  ///
  /// ```java
  /// Threads.forEach(rows, row -> smooth(values, row * columns, columns));
  /// ```
  ///
  /// @throws IllegalArgumentException if `tasks` is negative
  public static void forEach(int tasks, IntConsumer task) {
    ThreadPool.forEach(tasks, task);
  }
}

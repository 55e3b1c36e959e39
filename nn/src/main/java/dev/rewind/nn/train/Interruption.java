package dev.rewind.nn.train;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets a training end well when it is told to: by an interrupt of its thread, or by the end of the program (Ctrl-C),
/// which then waits for the training.
final class Interruption implements AutoCloseable {
  private static final long POLL = 100;

  private final Thread training = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(() -> {
    programEnds = true;
    try {
      while (!isExiting() && !ended.await(POLL, TimeUnit.MILLISECONDS)) {
        // the training goes on to the end of its step
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  });
  private volatile boolean programEnds;

  /// Of the current thread, from here to [#close].
  Interruption() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      programEnds = true; // already
    }
  }

  /// Whether the training itself called `System.exit`, which waits for the hook; so the hook must not wait for it.
  private boolean isExiting() {
    return Arrays.stream(training.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals("java.lang.System") && frame.getMethodName().equals("exit"));
  }

  /// Whether the training was told to end.
  boolean isAsked() {
    return programEnds || Thread.currentThread().isInterrupted();
  }

  /// Writes files.
  @FunctionalInterface
  interface Writing {
    void write() throws IOException;
  }

  /// Writes files although an interrupt closes the one that is being written: then all of them once more.
  static void uninterrupted(Writing writing) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (boolean done = false; !done;) {
        try {
          writing.write();
          done = true;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the program is ending, and waits for this
    }
    ended.countDown();
  }
}

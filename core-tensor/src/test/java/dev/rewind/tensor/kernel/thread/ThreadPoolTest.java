package dev.rewind.tensor.kernel.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)   // against hanging
class ThreadPoolTest {
  private final int before = ThreadPool.threads();

  @BeforeEach
  void threeThreads() {
    ThreadPool.resize(3);
  }

  @AfterEach
  void restoreSize() {
    ThreadPool.resize(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 1000})
  void everyTaskRunsOnce(int tasks) {
    int[] runs = new int[tasks];
    ThreadPool.forEach(tasks, i -> runs[i]++);
    assertThat(IntStream.of(runs)).allMatch(n -> n == 1);
  }

  @Test
  void plainWritesOfManyCallsInARowAreVisible() {
    long[] sums = new long[5];
    for (int round = 0; round < 20_000; round++) {
      ThreadPool.forEach(sums.length, i -> sums[i] += i);
    }
    assertThat(sums).containsExactly(0, 20_000, 40_000, 60_000, 80_000);
  }

  @Test
  void helpersTakePart() throws InterruptedException {
    shareWithHelpers();
  }

  private static void shareWithHelpers() throws InterruptedException {
    CountDownLatch allBegan = new CountDownLatch(3);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    ThreadPool.forEach(3, i -> {
      threads.add(Thread.currentThread());
      allBegan.countDown();
      await(allBegan);
    });
    assertThat(threads).hasSize(3).contains(Thread.currentThread());
    assertThat(threads).allMatch(t -> t == Thread.currentThread() || t.isDaemon());
  }

  @Test
  void withOneThreadTasksRunInOrderOnTheCaller() {
    ThreadPool.resize(1);
    List<Integer> order = new ArrayList<>();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    ThreadPool.forEach(5, i -> {
      threads.add(Thread.currentThread());
      order.add(i);
    });
    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(order).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void nestedCallsRunOnTheThreadThatMakesThem() {
    int[][] runs = new int[4][9];
    AtomicInteger strangers = new AtomicInteger();
    ThreadPool.forEach(runs.length, i -> {
      Thread outer = Thread.currentThread();
      ThreadPool.forEach(runs[i].length, j -> {
        runs[i][j]++;
        if (Thread.currentThread() != outer) {
          strangers.incrementAndGet();
        }
      });
    });
    assertThat(List.of(runs)).allSatisfy(row -> assertThat(row).containsOnly(1));
    assertThat(strangers).hasValue(0);
  }

  @Test
  void aCallerWhoFindsTheHelpersTakenDoesNotWaitForThem() throws Exception {
    CountDownLatch allBegan = new CountDownLatch(3);
    CountDownLatch release = new CountDownLatch(1);
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<?> busy = other.submit(() -> ThreadPool.forEach(3, i -> {
        allBegan.countDown();
        await(release);
      }));
      try {
        allBegan.await();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        ThreadPool.forEach(50, i -> threads.add(Thread.currentThread()));
        assertThat(threads).containsExactly(Thread.currentThread());
        assertThat(busy.isDone()).isFalse();
      } finally {
        release.countDown();
      }
      busy.get();
    }
  }

  @Test
  void manyCallersAndResizesAtOnceLoseNothing() throws Exception {
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      for (int c = 0; c < 4; c++) {
        callers.add(executor.submit(() -> {
          int[] runs = new int[11];
          for (int round = 1; round <= 2000; round++) {
            ThreadPool.forEach(runs.length, i -> runs[i]++);
            assertThat(runs).containsOnly(round);
          }
        }));
      }
      for (int i = 0; i < 200; i++) {
        ThreadPool.resize(1 + i % 4);
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theLowestFailureIsThrownAfterRunningTasksHaveEnded(int threads) {
    ThreadPool.resize(threads);
    for (int round = 0; round < 300; round++) {
      AtomicInteger running = new AtomicInteger();
      assertThatThrownBy(() -> ThreadPool.forEach(100, i -> {
        running.incrementAndGet();
        try {
          if (i >= 10) {
            throw new IllegalStateException("task " + i);
          }
        } finally {
          running.decrementAndGet();
        }
      })).isInstanceOf(IllegalStateException.class).hasMessage("task 10");
      assertThat(running).hasValue(0);
    }
  }

  @Test
  void tasksNotBegunWhenOneFailsAreSkippedAndTheThreadsStayUsable() {
    AtomicInteger begun = new AtomicInteger();
    AssertionError error = new AssertionError("first");
    assertThatThrownBy(() -> ThreadPool.forEach(1 << 30, i -> {
      begun.incrementAndGet();
      throw error;
    })).isSameAs(error);
    assertThat(begun).hasValueBetween(1, 3);
    everyTaskRunsOnce(10);
  }

  @Test
  void anInterruptedCallerCompletesAndStaysInterrupted() {
    int[] runs = new int[100];
    Thread caller = Thread.currentThread();
    CountDownLatch helperBegan = new CountDownLatch(1);
    caller.interrupt();
    try {
      ThreadPool.forEach(runs.length, i -> {
        if (Thread.currentThread() != caller) {
          helperBegan.countDown();
          pause();   // so that the caller gives up spinning
        } else {
          while (helperBegan.getCount() > 0) {
            Thread.onSpinWait();
          }
        }
        runs[i]++;
      });
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(runs).containsOnly(1);
  }

  @Test
  void helpersThatParkedComeBack() throws InterruptedException {
    for (int round = 0; round < 5; round++) {
      shareWithHelpers();
      pause();
    }
  }

  @Test
  void badNumbersOfThreadsAreNamed() {
    assertThatIllegalArgumentException().isThrownBy(() -> ThreadPool.resize(-2))
        .withMessage("resize: expected 1 to 16384 threads, got -2");
    assertThat(ThreadPool.threads()).isEqualTo(3);
    assertThat(ThreadPool.parse(null)).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(ThreadPool.parse(" 5 ")).isEqualTo(5);
    for (String bad : List.of("", "0", "-1", "two", "1.5", "16385", "99999999999")) {
      assertThatIllegalArgumentException().isThrownBy(() -> ThreadPool.parse(bad))
          .withMessage("rewind.threads: expected a number of threads, 1 to 16384, got '" + bad + "'");
    }
  }

  @Test
  void aMissingTaskIsRefusedEvenForNone() {
    assertThatThrownBy(() -> ThreadPool.forEach(0, null)).hasMessage("forEach: task is null");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

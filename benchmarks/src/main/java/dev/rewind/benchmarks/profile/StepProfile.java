package dev.rewind.benchmarks.profile;

import com.sun.management.ThreadMXBean;
import dev.rewind.tensor.Threads;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/// Where the time of training steps goes, by the stacks of the threads that compute, looked at every few milliseconds
/// of processor time (JEP 509, on Linux alone). Of all steps the half around the median counts, as the slowest were
/// disturbed by other programs. Each thread's processor time in them, which is measured, is shared out over its
/// samples.
///
/// @param steps that were recorded
/// @param median nanoseconds of a step
/// @param minimum likewise
/// @param threads that compute
/// @param available nanoseconds of all threads together in the half that counts
/// @param spent nanoseconds of processor time in it, by part
/// @param samples by part, some shared out in fractions
/// @param unseen nanoseconds of processor time in it whose samples could not be taken
/// @param serial nanoseconds of the first thread in it outside of tasks that are shared out
/// @param mainIdle nanoseconds in it that the first thread did not run
/// @param stopped milliseconds a step, over all steps, for which the collector stopped the program
record StepProfile(int steps, double median, double minimum, int threads, double available,
    Map<TrainingPart, Double> spent,
    Map<TrainingPart, Double> samples, double unseen, double serial, double mainIdle, double stopped) {
  private static final String SAMPLE = "jdk.CPUTimeSample";
  private static final String LOST = "jdk.CPUTimeSamplesLost";
  private static final String COLLECTION = "jdk.GarbageCollection";
  private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// @param start on the clock of the samples
  /// @param nanoseconds of the step
  /// @param processor nanoseconds of each thread's processor time
  private record Timed(Instant start, long nanoseconds, Map<Long, Long> processor) {}

  /// Runs steps for some seconds, after others to warm up.
  ///
  /// @param step one step
  /// @param parts what it consists of
  static StepProfile of(Runnable step, List<TrainingPart> parts, double warmUpSeconds, double seconds)
      throws IOException {
    if (FlightRecorder.getFlightRecorder().getEventTypes().stream().noneMatch(type -> type.getName().equals(SAMPLE))) {
      throw new IllegalStateException("this JVM does not sample by processor time; Linux and a JDK 25 are needed");
    }
    run(step, warmUpSeconds);
    Path file = Files.createTempFile("steps", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(SAMPLE).with("throttle", "1ms");
      recording.enable(LOST);
      recording.enable(COLLECTION);
      recording.start();
      List<Timed> steps = run(step, seconds);
      recording.stop();
      recording.dump(file);
      return of(steps, parts, RecordingFile.readAllEvents(file));
    } finally {
      Files.delete(file);
    }
  }

  private static List<Timed> run(Runnable step, double seconds) {
    List<Timed> steps = new ArrayList<>();
    step.run();
    List<Long> threads = computing();
    long begin = System.nanoTime();
    for (long start = begin; start - begin < seconds * 1e9; start = System.nanoTime()) {
      Map<Long, Long> before = processorTimes(threads);
      Instant now = Instant.now();
      step.run();
      long time = System.nanoTime() - start;
      Map<Long, Long> after = processorTimes(threads);
      after.replaceAll((thread, value) -> value - before.get(thread));
      steps.add(new Timed(now, time, after));
    }
    return steps;
  }

  /// This thread and the helpers.
  private static List<Long> computing() {
    List<Long> threads = new ArrayList<>(List.of(Thread.currentThread().threadId()));
    for (ThreadInfo thread : BEAN.getThreadInfo(BEAN.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().equals("rewind-worker")) {
        threads.add(thread.getThreadId());
      }
    }
    return threads;
  }

  private static Map<Long, Long> processorTimes(List<Long> threads) {
    Map<Long, Long> times = new HashMap<>();
    threads.forEach(thread -> times.put(thread, BEAN.getThreadCpuTime(thread)));
    return times;
  }

  private static StepProfile of(List<Timed> all, List<TrainingPart> parts, List<RecordedEvent> events) {
    List<Timed> sorted = all.stream().sorted(Comparator.comparingLong(Timed::nanoseconds)).toList();
    int size = sorted.size();
    List<Timed> counting = sorted.subList(size / 4, size - size / 4);
    long main = Thread.currentThread().threadId();
    StackShares shares = new StackShares(parts, main);
    Intervals intervals = new Intervals(counting);
    double stopped = 0;
    for (RecordedEvent event : events) {
      switch (event.getEventType().getName()) {
        case SAMPLE -> {
          if (event.getStackTrace() != null && intervals.contain(event.getStartTime())) {
            shares.add(event.getThread("eventThread").getJavaThreadId(),
                event.getStackTrace().getFrames().stream().map(StackShares::place).toList());
          }
        }
        case LOST -> {
          if (intervals.contain(event.getStartTime())) {
            shares.lost(event.getThread("eventThread").getJavaThreadId(), event.getLong("lostSamples"));
          }
        }
        case COLLECTION -> stopped += event.getDuration("sumOfPauses").toNanos() / 1e6 / all.size();
        default -> {
        }
      }
    }
    Map<Long, Double> processor = new HashMap<>();
    counting
        .forEach(step -> step.processor.forEach((thread, time) -> processor.merge(thread, (double) time, Double::sum)));
    double elapsed = counting.stream().mapToDouble(Timed::nanoseconds).sum();
    shares.settle(processor);
    return new StepProfile(size, sorted.get(size / 2).nanoseconds, sorted.getFirst().nanoseconds, Threads.count(),
        Threads.count() * elapsed, shares.spent(), shares.samples(), shares.unseen(), shares.serial(),
        elapsed - processor.get(main), stopped);
  }

  /// When the steps that count were under way.
  private static final class Intervals {
    private final TreeMap<Instant, Instant> ends = new TreeMap<>(); // by start

    Intervals(List<Timed> counting) {
      counting.forEach(step -> ends.put(step.start, step.start.plusNanos(step.nanoseconds)));
    }

    boolean contain(Instant time) {
      Map.Entry<Instant, Instant> step = ends.floorEntry(time);
      return step != null && !time.isAfter(step.getValue());
    }
  }
}

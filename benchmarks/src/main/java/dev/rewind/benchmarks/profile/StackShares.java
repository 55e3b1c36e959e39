package dev.rewind.benchmarks.profile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedFrame;

/// Shares the processor time of threads out over the parts of a training step, by samples of their stacks.
///
/// The stack of a helper begins at the task it was given. Whom a task as general as a block of a product belongs to is
/// told by the main thread, which takes part: the helper's samples of that task are shared out as those of the main
/// thread are.
final class StackShares {
  private static final String TASKS = "tensor.kernel.thread.ThreadPool$Job.work";

  private final List<TrainingPart> step;
  private final long main;
  private final Map<Long, List<List<String>>> stacks = new HashMap<>();
  private final Map<Long, Long> lost = new HashMap<>();
  private final Map<String, Map<TrainingPart, Double>> ofTasks = new HashMap<>();
  private final Map<TrainingPart, Double> spent = new HashMap<>();
  private final Map<TrainingPart, Double> samples = new HashMap<>();
  private double unseen;
  private double serial;

  /// @param step the parts of a step
  /// @param main the thread that calls others to help
  StackShares(List<TrainingPart> step, long main) {
    this.step = step;
    this.main = main;
  }

  /// @param stack methods as in [TrainingPart#places], the innermost first
  void add(long thread, List<String> stack) {
    stacks.computeIfAbsent(thread, t -> new ArrayList<>()).add(stack);
  }

  /// Samples that could not be taken.
  void lost(long thread, long count) {
    lost.merge(thread, count, Long::sum);
  }

  /// A method as in [TrainingPart#places]; lambdas have the name of the method that they are in.
  static String place(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName().replaceFirst("^dev\\.rewind\\.", "");
    return type + "." + frame.getMethod().getName().replaceFirst("^lambda\\$(\\w+)\\$\\d+$", "$1");
  }

  /// Shares out.
  ///
  /// @param processor the time of each thread that computes, in any unit
  void settle(Map<Long, Double> processor) {
    for (List<String> stack : stacks.getOrDefault(main, List.of())) {
      if (stack.contains(TASKS)) {
        ofTasks.computeIfAbsent(outermost(task(stack)), t -> new HashMap<>()).merge(part(stack), 1.0, Double::sum);
      }
    }
    processor.forEach((thread, time) -> {
      List<List<String>> taken = stacks.getOrDefault(thread, List.of());
      double each = time / Math.max(1, taken.size() + lost.getOrDefault(thread, 0L));
      unseen += time - each * taken.size();
      for (List<String> stack : taken) {
        serial += thread == main && !stack.contains(TASKS) ? each : 0;
        parts(thread, stack).forEach((part, share) -> {
          spent.merge(part, share * each, Double::sum);
          samples.merge(part, share, Double::sum);
        });
      }
    });
  }

  private Map<TrainingPart, Double> parts(long thread, List<String> stack) {
    if (thread == main) {
      return Map.of(part(stack), 1.0);
    }
    TrainingPart known = TrainingPart.of(step, task(stack));
    Map<TrainingPart, Double> sharing = known == null ? ofTasks.get(outermost(task(stack))) : Map.of(known, 1.0);
    if (sharing == null) {
      return Map.of(TrainingPart.OTHER, 1.0);
    }
    double sum = sharing.values().stream().mapToDouble(x -> x).sum();
    Map<TrainingPart, Double> shares = new HashMap<>(sharing);
    shares.replaceAll((part, count) -> count / sum);
    return shares;
  }

  private TrainingPart part(List<String> stack) {
    TrainingPart part = TrainingPart.of(step, stack);
    return part == null ? TrainingPart.OTHER : part;
  }

  /// What a thread that was given a task has on its stack for it, or all if it has none.
  private static List<String> task(List<String> stack) {
    int begin = stack.lastIndexOf(TASKS);
    return begin < 0 ? stack : stack.subList(0, begin);
  }

  /// The method of a task; the frames around it are those of hidden classes.
  private static String outermost(List<String> task) {
    return task.reversed().stream().filter(frame -> !frame.startsWith("0x")).findFirst().orElse("");
  }

  // ---- what was found, in the unit of processor time ----------------------------------------------------------------

  Map<TrainingPart, Double> spent() {
    return spent;
  }

  Map<TrainingPart, Double> samples() {
    return samples;
  }

  /// Time whose samples could not be taken.
  double unseen() {
    return unseen;
  }

  /// Time of the main thread outside of tasks.
  double serial() {
    return serial;
  }
}

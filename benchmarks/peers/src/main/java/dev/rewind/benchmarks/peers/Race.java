package dev.rewind.benchmarks.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// Several processes that do the same in turns, A B C A B C .., so that a machine whose speed drifts does so for all of
/// them.
final class Race {
  private static final long TURN = 300_000_000; // nanoseconds

  private final List<Lane> lanes = new ArrayList<>();

  private static final class Lane {
    private final Child child;
    private final List<long[]> times = new ArrayList<>();
    private int runs = 1; // of one turn
    private long busy; // nanoseconds since the last start of a phase
    private String failure;

    Lane(Child child) {
      this.child = child;
    }

    void turn(boolean counts) {
      try {
        long[] turn = child.run(runs);
        busy += LongStream.of(turn).sum();
        if (counts) {
          times.add(turn);
        } else {
          runs = Math.clamp(TURN / median(turn), 1, 10_000);
        }
        if (!child.awaitIdle()) {
          System.err.println("peers: " + child.name() + " does not become idle between its turns");
        }
      } catch (IOException e) {
        failure = e.getMessage();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = "interrupted";
      }
    }
  }

  /// What one process came to.
  ///
  /// @param times nanoseconds of each run, ascending
  record Result(Child child, long[] times, Child.Memory memory) {
    long median() {
      return times[times.length / 2];
    }

    long minimum() {
      return times[0];
    }
  }

  Race(List<Child> children) {
    children.forEach(child -> lanes.add(new Lane(child)));
  }

  /// Runs each of them for so many seconds, after so many to warm up. Who fails or hangs is reported and left out.
  List<Result> run(double warmUp, double seconds) throws IOException {
    turns(warmUp, false);
    turns(seconds, true);
    List<Result> results = new ArrayList<>();
    for (Lane lane : lanes) {
      if (lane.failure == null) {
        long[] times = lane.times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        results.add(new Result(lane.child, times, lane.child.memory()));
      } else {
        System.err.println("peers: left out: " + lane.failure);
      }
    }
    return results;
  }

  private void turns(double seconds, boolean count) {
    lanes.forEach(lane -> lane.busy = 0);
    List<Lane> racing = lanes;
    while (!racing.isEmpty()) {
      racing.forEach(lane -> lane.turn(count));
      racing = lanes.stream().filter(lane -> lane.failure == null && lane.busy < seconds * 1e9).toList();
    }
  }

  private static long median(long[] times) {
    return Math.max(1, LongStream.of(times).sorted().toArray()[times.length / 2]);
  }
}

package dev.rewind.benchmarks.peers;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// How TensorFlow is set.
///
/// @param inter how many operations may run at a time
/// @param intra the threads of one of them
/// @param oneDnn whether oneDNN may be used
/// @param naive a custom cell without the input projection taken out of the loop
record TensorFlowSetting(int inter, int intra, boolean oneDnn, boolean naive) implements Peer {
  /// All that may be the best one.
  static List<TensorFlowSetting> all() {
    return IntStream.range(0, 16)
        .mapToObj(i -> new TensorFlowSetting(1 + i / 8, 1 + i / 4 % 2, i / 2 % 2 == 0, i % 2 == 1)).toList();
  }

  /// The environment of a process with this setting.
  Map<String, String> environment() {
    return Map.of("TF_NUM_INTEROP_THREADS", Integer.toString(inter), "TF_NUM_INTRAOP_THREADS", Integer.toString(intra),
        "TF_ENABLE_ONEDNN_OPTS", oneDnn ? "1" : "0", "TF_CPP_MIN_LOG_LEVEL", "1");
  }

  @Override
  public String toString() {
    return "inter=" + inter + ",intra=" + intra + (oneDnn ? "" : ",onednn=off") + (naive ? ",form=naive" : "");
  }
}

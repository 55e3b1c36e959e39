package dev.rewind.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How PyTorch is set. On every machine, and for every case, another setting is its best.
///
/// @param threads its own threads, `torch.set_num_threads`
/// @param passive whether waiting OpenMP threads sleep (`OMP_WAIT_POLICY=passive`), where the default is to spin for a
///     while
/// @param mkl whether BLAS is Intel's MKL, or else OpenBLAS
/// @param blasThreads the threads of that BLAS
/// @param oneDnn whether oneDNN may be used
/// @param naive a custom cell without the input projection taken out of the loop
record Setting(int threads, boolean passive, boolean mkl, int blasThreads, boolean oneDnn, boolean naive)
    implements
    Peer {
  private static final Setting USUAL = new Setting(2, false, false, 2, true, false);

  /// All that may be the best one for a case.
  static List<Setting> all(Case chosen) {
    boolean tryWithoutOneDnn = chosen.task() instanceof Task.Sampling;
    boolean tryNaive = chosen.task() instanceof Task.Training training && !training.fused();
    List<Setting> settings = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      for (int blasThreads = 1; blasThreads <= 2; blasThreads++) {
        for (boolean passive : Math.max(threads, blasThreads) == 1 ? new boolean[] {false}
            : new boolean[] {false, true}) {
          for (boolean mkl : new boolean[] {false, true}) {
            settings.add(new Setting(threads, passive, mkl, blasThreads, true, false));
            if (tryWithoutOneDnn) {
              settings.add(new Setting(threads, passive, mkl, blasThreads, false, false));
            }
            if (tryNaive) {
              settings.add(new Setting(threads, passive, mkl, blasThreads, true, true));
            }
          }
        }
      }
    }
    return settings;
  }

  /// The setting that [#toString] tells: `threads=2,blas=mkl,blas-threads=1`, and where they are wanted `wait=passive`,
  /// `onednn=off`, `form=naive`.
  ///
  /// @throws IllegalArgumentException if a word is not one of these
  static Setting parse(String text) {
    Setting s = USUAL;
    for (String word : text.split(",")) {
      s = switch (word) {
        case "threads=1", "threads=2" -> new Setting(number(word), s.passive, s.mkl, s.blasThreads, s.oneDnn, s.naive);
        case "wait=passive" -> new Setting(s.threads, true, s.mkl, s.blasThreads, s.oneDnn, s.naive);
        case "blas=mkl", "blas=openblas" ->
          new Setting(s.threads, s.passive, word.equals("blas=mkl"), s.blasThreads, s.oneDnn, s.naive);
        case "blas-threads=1", "blas-threads=2" ->
          new Setting(s.threads, s.passive, s.mkl, number(word), s.oneDnn, s.naive);
        case "onednn=off" -> new Setting(s.threads, s.passive, s.mkl, s.blasThreads, false, s.naive);
        case "form=naive" -> new Setting(s.threads, s.passive, s.mkl, s.blasThreads, s.oneDnn, true);
        default -> throw new IllegalArgumentException("'" + word + "' is no setting; there are threads=1, threads=2, "
            + "wait=passive, blas=mkl, blas=openblas, blas-threads=1, blas-threads=2, onednn=off, form=naive");
      };
    }
    return s;
  }

  private static int number(String word) {
    return word.charAt(word.length() - 1) - '0';
  }

  /// The environment of a process with this setting.
  Map<String, String> environment() {
    String threadsOfBlas = Integer.toString(blasThreads);
    return passive
        ? Map.of("OPENBLAS_NUM_THREADS", threadsOfBlas, "MKL_NUM_THREADS", threadsOfBlas, "OMP_WAIT_POLICY", "passive")
        : Map.of("OPENBLAS_NUM_THREADS", threadsOfBlas, "MKL_NUM_THREADS", threadsOfBlas);
  }

  @Override
  public String toString() {
    return "threads=" + threads + ",blas=" + (mkl ? "mkl" : "openblas") + ",blas-threads=" + blasThreads
        + (passive ? ",wait=passive" : "") + (oneDnn ? "" : ",onednn=off") + (naive ? ",form=naive" : "");
  }
}

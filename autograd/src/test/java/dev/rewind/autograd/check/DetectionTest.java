package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.tensor.Rng;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Measures the check by gradients that are known to be right and known to be wrong, beside the defaults of PyTorch's
/// `gradcheck` and JAX's `check_grads`, by their definitions. Prints the table of docs/gradient-checking.md.
class DetectionTest {
  private record Counts(int subjects, int wrong, int undecidable, int pytorch, int jax) {
    Counts plus(Verdict verdict, boolean pytorchPasses, boolean jaxPasses) {
      return new Counts(subjects + 1, wrong + (verdict == Verdict.WRONG ? 1 : 0),
          undecidable + (verdict == Verdict.UNDECIDABLE ? 1 : 0), pytorch + (pytorchPasses ? 0 : 1),
          jax + (jaxPasses ? 0 : 1));
    }

    Counts plus(Counts other) {
      return new Counts(subjects + other.subjects, wrong + other.wrong, undecidable + other.undecidable,
          pytorch + other.pytorch, jax + other.jax);
    }
  }

  /// `torch.autograd.gradcheck`: central differences of step 1e-6, and `|a - n| <= 1e-5 + 1e-3 |n|` for each element.
  private static boolean pytorchPasses(Subject s) {
    double[] analytic = s.gradient().apply(s.x().clone());
    for (int i = 0; i < analytic.length; i++) {
      double[] up = s.x().clone();
      double[] down = s.x().clone();
      up[i] += 1e-6;
      down[i] -= 1e-6;
      double n = (s.function().applyAsDouble(up) - s.function().applyAsDouble(down)) / 2e-6;
      if (!(Math.abs(analytic[i] - n) <= 1e-5 + 1e-3 * Math.abs(n))) {
        return false;
      }
    }
    return true;
  }

  /// `jax.test_util.check_grads`, first order, reverse mode: one central difference of step 1e-4 along a direction of
  /// normal numbers, times a normal number, and `|a - n| <= t + t |n|`, where `t` is 1e-5 for float64, 2e-3 for
  /// float32.
  private static boolean jaxPasses(Subject s) {
    Rng rng = Rng.of(0);
    double tolerance = s.single() ? 2e-3 : 1e-5;
    double[] direction = new double[s.x().length];
    rng.fillNormal(direction, 0, direction.length, 0, 1);
    double[] up = s.x().clone();
    double[] down = s.x().clone();
    for (int i = 0; i < up.length; i++) {
      up[i] += 1e-4 * direction[i];
      down[i] -= 1e-4 * direction[i];
    }
    double cotangent = rng.nextNormal();
    double n = cotangent * (s.function().applyAsDouble(up) - s.function().applyAsDouble(down)) / 2e-4;
    double analytic = cotangent * Comparer.inner(direction, s.gradient().apply(s.x().clone()));
    return Math.abs(analytic - n) <= tolerance + tolerance * Math.abs(n);
  }

  private static CheckResult check(Subject s) {
    FunctionCheck check = GradientCheck.ofFunction(s.function()).against(s.gradient()).at(s.x()).allowingZeroGradient();
    return (s.single() ? check.float32() : check).run();
  }

  private static Map<String, Counts> measure(List<Subject> subjects, Verdict refused, List<String> mistakes,
      List<String> undecidable) {
    Map<String, Counts> table = new TreeMap<>(
        Comparator.comparing((String kind) -> kind.equals("total")).thenComparing(kind -> kind));
    for (Subject s : subjects) {
      CheckResult result = s.x().length == 0 ? CheckResult.passed(1) : check(s);
      if (result.verdict() == refused) {
        mistakes.add(s.kind() + ": " + s.what() + ": " + result);
      } else if (result.verdict() == Verdict.UNDECIDABLE) {
        undecidable.add(s.kind() + ": " + s.what());
      }
      table.merge(s.kind(), new Counts(0, 0, 0, 0, 0).plus(result.verdict(), pytorchPasses(s), jaxPasses(s)),
          Counts::plus);
    }
    table.put("total", table.values().stream().reduce(new Counts(0, 0, 0, 0, 0), Counts::plus));
    return table;
  }

  @Test
  void allWrongGradientsAreFoundAndNoRightOneIsCalledWrong() {
    List<String> mistakes = new ArrayList<>();
    List<String> undecidable = new ArrayList<>();
    Map<String, Counts> wrong = measure(Subject.wrong(), Verdict.RIGHT, mistakes, undecidable);
    Map<String, Counts> right = measure(Subject.right(), Verdict.WRONG, mistakes, undecidable);
    System.out
        .println("| | wrong gradients | found | undecidable | gradcheck finds | check_grads finds | right gradients"
            + " | called wrong | undecidable | gradcheck calls wrong | check_grads calls wrong |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    right.forEach((kind, r) -> {
      Counts w = wrong.get(kind);
      System.out.printf(Locale.ROOT, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |%n", kind, w.subjects,
          w.wrong, w.undecidable, w.pytorch, w.jax, r.subjects, r.wrong, r.undecidable, r.pytorch, r.jax);
    });
    undecidable.forEach(subject -> System.out.println("undecidable: " + subject));
    assertThat(mistakes).isEmpty();
    assertThat(undecidable).hasSizeLessThanOrEqualTo(11);
    assertThat(wrong.get("total").subjects).isGreaterThanOrEqualTo(60);
    assertThat(right.get("total").subjects).isGreaterThanOrEqualTo(200);
  }

  /// An LSTM by hand over 3 steps of 2 sequences.
  @Test
  void manyParametersTakeFewEvaluations() {
    for (int hidden : new int[] {12, 45, 155}) {
      HandWrittenLstm lstm = new HandWrittenLstm(2, 3, 4, hidden);
      AtomicInteger calls = new AtomicInteger();
      int wrongElement = 4 * hidden * 4 + 2 * hidden * hidden + 1; // of Wh
      for (double factor : new double[] {1, -1}) {
        calls.set(0);
        CheckResult result = GradientCheck.ofFunction(x -> {
          calls.incrementAndGet();
          return lstm.loss(x);
        }).against(x -> {
          double[] gradient = lstm.gradient(x, HandWrittenLstm.Mistake.NONE);
          gradient[wrongElement] *= factor;
          return gradient;
        }).at(lstm.smallPoint()).parameter("Wx", 4 * hidden, 4).parameter("Wh", 4 * hidden, hidden)
            .parameter("others", lstm.smallPoint().length - 4 * hidden * (4 + hidden)).run();
        assertThat(result.verdict()).isEqualTo(factor == 1 ? Verdict.RIGHT : Verdict.WRONG);
        assertThat(result.hint().contains("Wh")).isEqualTo(factor != 1);
        assertThat(calls.get()).isLessThan(factor == 1 ? 2_000 : 4_000);
      }
    }
  }
}

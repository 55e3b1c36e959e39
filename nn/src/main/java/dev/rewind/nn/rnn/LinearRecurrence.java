package dev.rewind.nn.rnn;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;

/// The recurrence `h[t] = a[t] * h[t-1] + b[t]`, element by element over the time axis, as one operation: all of a cell
/// whose gates do not depend on its state. It takes time in proportion to the elements, in one pass over memory, with
/// the rows of the batch shared out over threads. As it forms no products of many `a`, it is numerically
/// stable without logarithms: where every `a` is in `[0, 1]` rounding errors do not grow.
///
/// Its gradient is a recurrence of the same kind that runs backwards in time, so that the rule is written with itself
/// and can be differentiated again (Martin and Cundy 2018).
public final class LinearRecurrence {
  private LinearRecurrence() {}

  /// All steps of the recurrence.
  ///
  /// @param a what is kept, `[batch, time, hidden]`
  /// @param b what is added, likewise
  /// @param start the state before the first step, `[batch, hidden]`
  /// @return the state after every step, `[batch, time, hidden]`
  /// @throws ShapeException if shapes differ or there is no step
  public static Variable scan(Variable a, Variable b, Variable start) {
    if (a.rank() != 3 || a.size(1) == 0 || !a.shape().equals(b.shape()) || start.rank() != 2
        || start.size(0) != a.size(0) || start.size(1) != a.size(2)) {
      throw new ShapeException(
          "linear recurrence: wants a and b [batch, time >= 1, hidden] and a start [batch, hidden], not "
              + a.shape() + ", " + b.shape() + " and " + start.shape());
    }
    // what the first step keeps of the start, [batch, 1, hidden]
    Variable carried = a.select(1, 0).times(start).unsqueeze(1);
    return fromZero(a, b.plus(carried.pad(1, 0, a.size(1) - 1, 0)), false);
  }

  /// The recurrence from a state of zeros, forwards or backwards in time.
  ///
  /// The gradient `d` of `b` collects at each step that of `h` there and, through `a`, what comes from the step after:
  /// `d[t] = g[t] + a[t+1] * d[t+1]`. That of `a` is `d[t] * h[t-1]`.
  private static Variable fromZero(Variable a, Variable b, boolean backwards) {
    return record("linear recurrence", run(a.value().contiguous(), b.value().contiguous(), backwards),
        wrt(a, (g, h) -> fromZero(delayed(a, !backwards), g, !backwards).times(delayed(h, backwards))),
        wrt(b, g -> fromZero(delayed(a, !backwards), g, !backwards)));
  }

  /// Every step moved to where the recurrence comes next; zeros come first.
  private static Variable delayed(Variable x, boolean backwards) {
    int steps = x.size(1);
    return backwards ? x.slice(1, 1, steps).pad(1, 0, 1, 0) : x.slice(1, 0, steps - 1).pad(1, 1, 0, 0);
  }

  private static Tensor run(Tensor a, Tensor b, boolean backwards) {
    int steps = a.size(1);
    int size = a.size(2);
    Tensor h = Tensor.zeros(a.dtype(), a.shape().sizes());
    Threads.forEach(a.size(0), row -> {
      for (int i = 0; i < steps; i++) {
        int t = row * steps + (backwards ? steps - 1 - i : i);
        int before = i == 0 ? t : backwards ? t + 1 : t - 1; // at the first step the zeros of h itself
        if (a.dtype() == DType.FLOAT32) {
          step(RawAccess.floats(a), RawAccess.offset(a) + t * size, RawAccess.floats(b), RawAccess.offset(b) + t * size,
              RawAccess.floats(h),
              before * size,
              t * size, size);
        } else {
          step(RawAccess.doubles(a), RawAccess.offset(a) + t * size, RawAccess.doubles(b),
              RawAccess.offset(b) + t * size, RawAccess.doubles(h),
              before * size,
              t * size, size);
        }
      }
    });
    return h;
  }

  private static void step(float[] a, int ao, float[] b, int bo, float[] h, int before, int ho, int size) {
    for (int j = 0; j < size; j++) {
      h[ho + j] = a[ao + j] * h[before + j] + b[bo + j];
    }
  }

  private static void step(double[] a, int ao, double[] b, int bo, double[] h, int before, int ho, int size) {
    for (int j = 0; j < size; j++) {
      h[ho + j] = a[ao + j] * h[before + j] + b[bo + j];
    }
  }
}

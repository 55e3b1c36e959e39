package dev.rewind.tensor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/// Tensors as text: nested brackets, equally wide columns, `...` for what is left out. The same in every locale.
final class TensorFormat {
  private static final int MAX_ELEMENTS = 1000;
  private static final int EDGE = 3;
  private static final int LINE = 100;
  private static final int DECIMALS = 4;
  private static final int LEFT_OUT = -1;

  private final Tensor tensor;
  private final boolean abbreviated;
  private final DoubleFunction<String> number;
  private final int width;
  private final StringBuilder out = new StringBuilder();

  private TensorFormat(Tensor tensor) {
    this.tensor = tensor;
    abbreviated = tensor.elements() > MAX_ELEMENTS;
    List<Double> shown = new ArrayList<>();
    collect(0, tensor.offset(), shown);
    number = format(tensor.dtype(), shown);
    width = shown.stream().mapToInt(v -> number.apply(v).length()).max().orElse(0);
  }

  static String format(Tensor tensor) {
    if (tensor.elements() == 0) {
      return "[] " + tensor.dtype() + " " + tensor.shape();
    }
    TensorFormat format = new TensorFormat(tensor);
    format.append(0, tensor.offset());
    return format.out.toString();
  }

  // ---- the nesting --------------------------------------------------------------------------------------------------

  /// The indices of an axis that are shown, with LEFT_OUT where some are not.
  private int[] shown(int axis) {
    int size = tensor.size(axis);
    boolean all = !abbreviated || size <= 2 * EDGE;
    int[] shown = new int[all ? size : 2 * EDGE + 1];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = all || i < EDGE ? i : i == EDGE ? LEFT_OUT : size - shown.length + i;
    }
    return shown;
  }

  private void collect(int axis, int position, List<Double> values) {
    if (axis == tensor.rank()) {
      values.add(tensor.storage().number(position));
      return;
    }
    for (int i : shown(axis)) {
      if (i != LEFT_OUT) {
        collect(axis + 1, position + i * tensor.stride(axis), values);
      }
    }
  }

  private void append(int axis, int position) {
    if (axis == tensor.rank()) {
      String text = number.apply(tensor.storage().number(position));
      out.repeat(" ", width - text.length()).append(text);
      return;
    }
    out.append('[');
    int[] shown = shown(axis);
    for (int i = 0; i < shown.length; i++) {
      if (i > 0) {
        out.append(',');
        separate(axis, shown[i] == LEFT_OUT ? EDGE : width);
      }
      if (shown[i] == LEFT_OUT) {
        out.append("...");
      } else {
        append(axis + 1, position + shown[i] * tensor.stride(axis));
      }
    }
    out.append(']');
  }

  /// What stands between two elements of an axis: a space or, where the line is full, a new line; between rows a new
  /// line, between matrices an empty one, and so on.
  private void separate(int axis, int next) {
    int inner = tensor.rank() - 1 - axis;
    int column = out.length() - out.lastIndexOf("\n") - 1;
    if (inner == 0 && column + next + 2 <= LINE) {
      out.append(' ');
    } else {
      out.repeat("\n", Math.max(1, inner)).repeat(" ", axis + 1);
    }
  }

  // ---- the numbers --------------------------------------------------------------------------------------------------

  private static DoubleFunction<String> format(DType dtype, List<Double> values) {
    return switch (dtype) {
      case BOOL -> v -> Boolean.toString(v != 0);
      case INT32 -> v -> Integer.toString((int) v);
      case FLOAT32, FLOAT64 -> {
        boolean single = dtype == DType.FLOAT32;
        List<BigDecimal> finite = values.stream().filter(Double::isFinite).map(v -> exact(v, single)).toList();
        boolean scientific = needsExponent(finite);
        int digits = finite.stream().mapToInt(v -> scientific ? mantissaDigits(v) : decimals(v)).max().orElse(1);
        yield v -> text(v, single, scientific, Math.max(1, digits));
      }
    };
  }

  /// Whether one of the numbers would take too many digits, or lose those it has beside a much larger one.
  private static boolean needsExponent(List<BigDecimal> values) {
    double max = 0;
    double min = Double.POSITIVE_INFINITY;
    for (BigDecimal value : values) {
      double size = Math.abs(value.doubleValue());
      if (size > 0) {
        max = Math.max(max, size);
        min = Math.min(min, size);
      }
    }
    return max >= 1e8 || min < 1e-4 || max / min > 1000 && min < 0.01;
  }

  private static int decimals(BigDecimal value) {
    return value.setScale(DECIMALS, RoundingMode.HALF_EVEN).stripTrailingZeros().scale();
  }

  private static int mantissaDigits(BigDecimal value) {
    return significant(value).stripTrailingZeros().precision() - 1;
  }

  private static BigDecimal significant(BigDecimal value) {
    return value.round(new MathContext(DECIMALS + 1, RoundingMode.HALF_EVEN));
  }

  /// The shortest decimal number that stands for the value.
  private static BigDecimal exact(double value, boolean single) {
    if (value == 0) {
      return BigDecimal.ZERO;   // "0.0" would have an exponent of -1
    }
    return new BigDecimal(single ? Float.toString((float) value) : Double.toString(value));
  }

  private static String text(double value, boolean single, boolean scientific, int digits) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
    if (Double.isInfinite(value)) {
      return sign + "inf";
    }
    BigDecimal size = exact(Math.abs(value), single);
    return sign + (scientific
        ? String.format(Locale.ROOT, "%." + digits + "e", significant(size))
        : size.setScale(digits, RoundingMode.HALF_EVEN).toPlainString());
  }
}

package dev.rewind.examples.charrnn;

import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.DoublePredicate;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Values of options, checked as they are read. Use one as `@Option(converter = Converters.Positive.class)`; a refusal
/// reads `--hidden must be at least 1, not 0`.
public final class Converters {
  private Converters() {}

  /// A refusal whose message goes on where the name of the option ends: `must be at least 1, not 0`.
  static final class Refusal extends TypeConversionException {
    private static final long serialVersionUID = 1L;

    Refusal(String wanted, String value) {
      super("must be " + wanted + ", not " + (value.isBlank() ? "'" + value + "'" : value));
    }
  }

  /// The name of a file or a folder.
  public static final class Named implements ITypeConverter<Path> {
    @Override
    public Path convert(String value) {
      if (value.isBlank()) {
        throw new Refusal("the name of a file or a folder", value);
      }
      try {
        return Path.of(value);
      } catch (InvalidPathException e) {
        throw new Refusal("a name that this system can write (" + e.getReason() + ")", value);
      }
    }
  }

  /// A whole number of at least 1.
  public static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return wholeFrom(1, value);
    }
  }

  /// A whole number of at least 0.
  public static final class NotNegative implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return wholeFrom(0, value);
    }
  }

  /// Any whole number of 64 bits, for seeds.
  public static final class Whole implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return Long.valueOf(value.strip());
      } catch (NumberFormatException _) {
        throw new Refusal("a whole number of at most 64 bits", value);
      }
    }
  }

  /// A share in `[0, 1)`, for what is dropped or held out.
  public static final class Fraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return decimal(value, "at least 0 and less than 1", x -> x >= 0 && x < 1);
    }
  }

  /// A share in `(0, 1]`, for what is kept.
  public static final class Share implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return decimal(value, "greater than 0 and at most 1", x -> x > 0 && x <= 1);
    }
  }

  /// A finite number greater than 0.
  public static final class PositiveDecimal implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return decimal(value, "a number greater than 0", x -> x > 0 && Double.isFinite(x));
    }
  }

  /// A finite number of at least 0.
  public static final class NotNegativeDecimal implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return decimal(value, "a number of at least 0", x -> x >= 0 && Double.isFinite(x));
    }
  }

  /// An encoding of texts.
  public static final class Encoding implements ITypeConverter<Charset> {
    @Override
    public Charset convert(String value) {
      try {
        return Charset.forName(value.strip());
      } catch (IllegalArgumentException _) { // malformed, or not there
        throw new Refusal("an encoding that Java has, such as windows-1252, GB18030 or UTF-16LE", value);
      }
    }
  }

  private static int wholeFrom(int least, String value) {
    long number;
    try {
      number = Long.parseLong(value.strip());
    } catch (NumberFormatException _) {
      throw new Refusal("a whole number of at least " + least, value);
    }
    if (number < least) {
      throw new Refusal("at least " + least, value);
    }
    if (number > Integer.MAX_VALUE) {
      throw new Refusal("at most " + Integer.MAX_VALUE, value);
    }
    return (int) number;
  }

  private static double decimal(String value, String wanted, DoublePredicate fits) {
    double number = Double.NaN; // which fits nothing
    try {
      number = Double.parseDouble(value.strip());
    } catch (NumberFormatException _) {
      // refused below
    }
    if (!fits.test(number)) {
      throw new Refusal(wanted, value);
    }
    return number;
  }
}

package dev.rewind.tensor.kernel.random;

/// The quantile function of the normal distribution, to about 1e-16, by algorithm AS 241 (M. J. Wichura, "The
/// percentage points of the normal distribution", Applied Statistics 37, 1988). Ratios of polynomials in three ranges;
/// additions, products, quotients, roots and StrictMath have the same bits everywhere.
public final class NormalQuantile {
  /// How far from one half a probability is at most that counts as central.
  private static final double CENTRE = 0.425;
  private static final double CENTRE_SQUARED = 0.180625;
  private static final double[] CENTRE_ABOVE = {
      2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
      13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080
  };
  private static final double[] CENTRE_BELOW = {
      5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
      5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1
  };
  private static final double[] TAIL_ABOVE = {
      7.74545014278341407640e-4, 2.27238449892691845833e-2, 0.241780725177450611770, 1.27045825245236838258,
      3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734
  };
  private static final double[] TAIL_BELOW = {
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 0.148103976427480074590,
      0.689767334985100004550, 1.67638483018380384940, 2.05319162663775882187, 1
  };
  private static final double[] FAR_ABOVE = {
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
      0.296560571828504891230, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720
  };
  private static final double[] FAR_BELOW = {
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2, 0.136929880922735805310, 0.599832206555887937690, 1
  };

  private NormalQuantile() {}

  /// The number below which a normal draw is with probability `p`, `0 < p < 1`.
  public static double at(double p) {
    double q = p - 0.5;
    return Math.abs(q) <= CENTRE ? centre(q) : tail(p);
  }

  private static double centre(double q) {
    double r = CENTRE_SQUARED - q * q;
    return q * polynomial(CENTRE_ABOVE, r) / polynomial(CENTRE_BELOW, r);
  }

  private static double tail(double p) {
    double r = Math.sqrt(-StrictMath.log(Math.min(p, 1 - p)));
    double size = r <= 5
        ? polynomial(TAIL_ABOVE, r - 1.6) / polynomial(TAIL_BELOW, r - 1.6)
        : polynomial(FAR_ABOVE, r - 5) / polynomial(FAR_BELOW, r - 5);
    return p < 0.5 ? -size : size;
  }

  // Written out, since a loop over the coefficients is not always unrolled.
  private static double polynomial(double[] c, double x) {
    return ((((((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]) * x + c[5]) * x + c[6]) * x + c[7];
  }
}

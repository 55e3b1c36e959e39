import module rewind.autograd;

/// Checks a gradient that was written by hand, here that of a chain of springs, and finds a mistake in it.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.autograd docs/recipes/GradientOfYourOwn.java
///
/// The energy of n points on a line with springs of length 1 between them: the sum of `(x[i + 1] - x[i] - 1)^2 / 2`.
double energy(double[] x) {
  return IntStream.range(1, x.length).mapToDouble(i -> Math.pow(x[i] - x[i - 1] - 1, 2) / 2).sum();
}

double[] gradient(double[] x) {
  double[] g = new double[x.length];
  for (int i = 1; i < x.length; i++) {
    double stretch = x[i] - x[i - 1] - 1;
    g[i] += stretch;
    g[i - 1] -= stretch;
  }
  return g;
}

double[] wrongGradient(double[] x) {
  return Arrays.stream(gradient(x)).map(g -> -g).toArray(); // a force, which is the gradient with the other sign
}

void main() {
  double[] at = {0, 1.5, 1.9, 3.7, 4.2};
  GradientCheck.ofFunction(this::energy).against(this::gradient).at(at).run().assertPasses();
  IO.println("the gradient is right");
  CheckResult wrong = GradientCheck.ofFunction(this::energy).against(this::wrongGradient).at(at).run();
  IO.println(wrong.verdict() + ": " + wrong.message());
}

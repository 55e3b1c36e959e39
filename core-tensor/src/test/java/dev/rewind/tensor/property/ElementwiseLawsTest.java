package dev.rewind.tensor.property;

import static dev.rewind.tensor.property.Elements.assertClose;
import static dev.rewind.tensor.property.Elements.assertSame;
import static dev.rewind.tensor.property.Elements.build;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import org.apache.commons.math3.special.Erf;

/// Functions of one element, or of one element of each operand, against their definitions in double.
class ElementwiseLawsTest extends Laws {
  /// @param ulps the largest error in units in the last place of a float; doubles may have as many of theirs
  record Function(UnaryOperator<Tensor> operation, DoubleUnaryOperator definition, double ulps) {}

  /// Rounding a double result of one arithmetic operation on floats gives the float result, so that these are exact.
  record Operator(BinaryOperator<Tensor> operation, DoubleBinaryOperator definition) {}

  static final Map<String, Function> FUNCTIONS = Map.ofEntries(
      Map.entry("negate", new Function(Tensor::negate, x -> -x, 0)),
      Map.entry("abs", new Function(Tensor::abs, Math::abs, 0)),
      Map.entry("sign", new Function(Tensor::sign, Math::signum, 0)),
      Map.entry("square", new Function(Tensor::square, x -> x * x, 0)),
      Map.entry("sqrt", new Function(Tensor::sqrt, Math::sqrt, 0)),
      Map.entry("reciprocal", new Function(Tensor::reciprocal, x -> 1 / x, 0)),
      Map.entry("relu", new Function(Tensor::relu, x -> Double.isNaN(x) ? x : Math.max(0, x), 0)),
      Map.entry("sin", new Function(Tensor::sin, StrictMath::sin, 1)),
      Map.entry("cos", new Function(Tensor::cos, StrictMath::cos, 1)),
      Map.entry("floor", new Function(Tensor::floor, Math::floor, 0)),
      Map.entry("round", new Function(Tensor::round, Math::rint, 0)),
      Map.entry("exp", new Function(Tensor::exp, StrictMath::exp, 4)),
      Map.entry("expm1", new Function(Tensor::expm1, StrictMath::expm1, 4)),
      Map.entry("log", new Function(Tensor::log, StrictMath::log, 4)),
      Map.entry("log1p", new Function(Tensor::log1p, StrictMath::log1p, 4)),
      Map.entry("tanh", new Function(Tensor::tanh, StrictMath::tanh, 4)),
      Map.entry("sigmoid", new Function(Tensor::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), 4)),
      Map.entry("softplus", new Function(Tensor::softplus,
          x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))), 8)));

  static final Map<String, Operator> OPERATORS = Map.of(
      "plus", new Operator(Tensor::plus, Double::sum),
      "minus", new Operator(Tensor::minus, (a, b) -> a - b),
      "times", new Operator(Tensor::times, (a, b) -> a * b),
      "divide", new Operator(Tensor::divide, (a, b) -> a / b),
      "minimum", new Operator(Tensor::minimum, Math::min),
      "maximum", new Operator(Tensor::maximum, Math::max));

  static final Map<String, Operator> COMPARISONS = Map.of(
      "equalTo", new Operator(Tensor::equalTo, (a, b) -> a == b ? 1 : 0),
      "less", new Operator(Tensor::less, (a, b) -> a < b ? 1 : 0),
      "lessOrEqual", new Operator(Tensor::lessOrEqual, (a, b) -> a <= b ? 1 : 0),
      "greater", new Operator(Tensor::greater, (a, b) -> a > b ? 1 : 0),
      "greaterOrEqual", new Operator(Tensor::greaterOrEqual, (a, b) -> a >= b ? 1 : 0));

  static final Map<String, Operator> LOGIC = Map.of(
      "and", new Operator(Tensor::and, (a, b) -> a * b),
      "or", new Operator(Tensor::or, Math::max),
      "xor", new Operator(Tensor::xor, (a, b) -> Math.abs(a - b)));

  private static Tensor mapped(Tensor x, DoubleUnaryOperator f) {
    return build(x.dtype(), x.shape().sizes(), index -> f.applyAsDouble(x.at(index)));
  }

  @Law
  void functions(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    double ulp = x.dtype() == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1.0);
    double least = x.dtype() == DType.FLOAT32 ? Float.MIN_VALUE : Double.MIN_VALUE;
    FUNCTIONS.forEach(
        (name, f) -> assertClose(name, f.operation.apply(x), mapped(x, f.definition), f.ulps * ulp, f.ulps * least));
  }

  /// Every function of one element, found by its name: of whatever view, it makes of each element what its form says.
  @Law
  void forms(@ForAll("floating") Operand operand) throws ReflectiveOperationException {
    Tensor x = operand.tensor();
    for (Unary op : Unary.values()) {
      Tensor y = (Tensor) Tensor.class.getMethod(op.label()).invoke(x);
      assertSame(op.label(), y, mapped(x, v -> x.dtype() == DType.FLOAT32 ? op.apply((float) v) : op.apply(v)));
    }
  }

  @Law
  void erf(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    assertClose("erf", x.erf(), mapped(x, v -> Double.isInfinite(v) ? Math.signum(v) : Erf.erf(v)), 1e-6, 1e-7);
  }

  @Law
  void gelu(@ForAll("floating") Operand operand) {
    Operand plain = new Operand(operand.dtype(), operand.sizes(), operand.view(), false, operand.seed());
    Tensor x = plain.tensor();
    assertClose("gelu", x.gelu(), mapped(x, v -> v * 0.5 * Erf.erfc(-v / Math.sqrt(2))), 1e-6, 3e-7);
  }

  @Law
  void isNaN(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    assertSame("isNaN", x.isNaN(),
        build(DType.BOOL, operand.shape(), index -> Double.isNaN(x.at(index)) ? 1 : 0));
  }

  @Law
  void isFinite(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    assertSame("isFinite", x.isFinite(),
        build(DType.BOOL, operand.shape(), index -> Double.isFinite(x.at(index)) ? 1 : 0));
  }

  @Law
  void not(@ForAll("booleans") Operand operand) {
    assertSame("not", operand.tensor().not(), mapped(operand.tensor(), v -> 1 - v));
  }

  @Law
  void clamp(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    assertSame("clamp", x.clamp(-0.5, 1), mapped(x, v -> v < -0.5 ? -0.5 : v > 1 ? 1 : v));
  }

  @Law
  void to(@ForAll("any") Operand operand) {
    Tensor x = operand.tensor();
    for (DType dtype : DType.values()) {
      assertSame("to " + dtype, x.to(dtype), build(dtype, operand.shape(), index -> x.at(index)));
    }
  }

  // ---- two operands -------------------------------------------------------------------------------------------------

  /// The element of an operand that stands at an index of the broadcast shape.
  private static double at(Tensor x, int[] index) {
    int[] own = new int[x.rank()];
    for (int axis = 0; axis < own.length; axis++) {
      own[axis] = x.size(axis) == 1 ? 0 : index[index.length - own.length + axis];
    }
    return x.at(own);
  }

  private static int[] broadcast(Pair pair) {
    return pair.sizes().stream().mapToInt(i -> i).toArray();
  }

  private static void compare(Map<String, Operator> operators, Pair pair, DType result) {
    Tensor a = pair.a().tensor();
    Tensor b = pair.b().tensor();
    operators.forEach((name, f) -> assertSame(name, f.operation.apply(a, b), build(
        result, broadcast(pair), index -> f.definition.applyAsDouble(at(a, index), at(b, index)))));
  }

  @Law
  void operators(@ForAll("numbers") Pair pair) {
    Assume.that(pair.a().dtype() != DType.INT32);
    compare(OPERATORS, pair, pair.a().dtype());
  }

  @Law
  void integers(@ForAll("numbers") Pair pair) {
    Pair integers = new Pair(pair.a().with(DType.INT32), pair.b().with(DType.INT32));
    List.of("plus", "minus", "times", "minimum", "maximum")
        .forEach(name -> compare(Map.of(name, OPERATORS.get(name)), integers, DType.INT32));
  }

  @Law
  void comparisons(@ForAll("numbers") Pair pair) {
    compare(COMPARISONS, pair, DType.BOOL);
  }

  @Law
  void comparisonsWithANumber(@ForAll("floating") Operand operand) {
    Tensor x = operand.tensor();
    Tensor one = Tensor.full(x.dtype(), 1);
    assertSame("equalTo", x.equalTo(1), x.equalTo(one));
    assertSame("less", x.less(1), x.less(one));
    assertSame("lessOrEqual", x.lessOrEqual(1), x.lessOrEqual(one));
    assertSame("greater", x.greater(1), x.greater(one));
    assertSame("greaterOrEqual", x.greaterOrEqual(1), x.greaterOrEqual(one));
  }

  @Law
  void logic(@ForAll("booleanPairs") Pair pair) {
    compare(LOGIC, pair, DType.BOOL);
  }

  @Law
  void pow(@ForAll("numbers") Pair pair) {
    Assume.that(pair.a().dtype() != DType.INT32);
    Tensor a = pair.a().tensor().abs();
    Tensor b = pair.b().tensor();
    assertClose("pow", a.pow(b), build(a.dtype(), broadcast(pair), index -> Math.pow(at(a, index), at(b, index))),
        a.dtype() == DType.FLOAT32 ? 1e-5 : 1e-13, a.dtype() == DType.FLOAT32 ? 1e-44 : 0);
  }

  @Law
  void where(@ForAll("numbers") Pair pair, @ForAll("booleans") Operand condition) {
    Tensor c = condition.ofShape(pair.sizes()).tensor();
    Tensor a = pair.a().tensor();
    Tensor b = pair.b().tensor();
    assertSame("where", Tensor.where(c, a, b),
        build(a.dtype(), broadcast(pair), index -> c.at(index) != 0 ? at(a, index) : at(b, index)));
  }

  @Law
  void tanhBackward(@ForAll("floating") Operand operand) {
    Tensor g = new Operand(operand.dtype(), operand.sizes(), operand.view(), false, operand.seed()).tensor();
    Tensor y = new Operand(g.dtype(), operand.sizes(), !operand.view(), false, operand.seed() + 1).tensor();
    double tolerance = g.dtype() == DType.FLOAT32 ? 1e-6 : 1e-15;
    assertClose("tanhBackward", RawAccess.tanhBackward(g, y),
        build(g.dtype(), operand.shape(), i -> g.at(i) * (1 - y.at(i) * y.at(i))), tolerance, 20 * tolerance);
    assertClose("sigmoidBackward", RawAccess.sigmoidBackward(g, y),
        build(g.dtype(), operand.shape(), i -> g.at(i) * y.at(i) * (1 - y.at(i))), tolerance, 20 * tolerance);
  }

  @Law
  void inPlace(@ForAll("numbers") Pair pair) {
    Assume.that(pair.a().dtype() != DType.INT32);
    Tensor b = pair.b().tensor();
    Map<String, BinaryOperator<Tensor>> inPlace = Map.of("plus", Tensor::plusInPlace, "minus", Tensor::minusInPlace,
        "times", Tensor::timesInPlace, "divide", Tensor::divideInPlace);
    inPlace.forEach((name, operation) -> {
      Tensor around = Tensor.zeros(b.dtype(), broadcast(pair)).expand(broadcast(pair)).copy();
      // another order of the elements
      Tensor target = around.rank() > 1 ? around.transpose().copy().transpose() : around;
      target.assign(pair.a().tensor().expand(broadcast(pair)));
      Tensor before = target.copy();
      Tensor result = operation.apply(target, b);
      assertSame(name + "InPlace", target, OPERATORS.get(name).operation.apply(before, b));
      org.assertj.core.api.Assertions.assertThat(result).isSameAs(target);
    });
  }
}

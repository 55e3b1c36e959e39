package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The table that drives the gradient checks: every public operation of [Variable] has at least one row here. Sizes
/// within a case differ from one another.
public final class OperationCases {
  private OperationCases() {}

  /// One row.
  ///
  /// @param operation the method of [Variable]
  /// @param what what is special about this row
  /// @param flat whether the second derivative is zero everywhere
  /// @param constants indices and conditions that the function reads
  public record Case(String operation, String what, boolean flat, Function<List<Variable>, Variable> function,
      List<Tensor> constants,
      Tensor... at) {
    Case(String operation, String what, boolean flat, Function<List<Variable>, Variable> function, Tensor... at) {
      this(operation, what, flat, function, List.of(), at);
    }

    Case reading(Tensor... values) {
      return new Case(operation, what, flat, function, List.of(values), at);
    }

    @Override
    public String toString() {
      return operation + " " + what;
    }
  }

  private static Tensor normal(int... sizes) {
    return Tensor.normal(Rng.of(7).split(sizes.length * 100L + sizes.length), DType.FLOAT64, 0, 1, sizes);
  }

  /// Elements of order 1, away from zero, of both signs.
  private static Tensor apart(int... sizes) {
    Tensor x = Tensor.uniform(Rng.of(8).split(sizes.length), DType.FLOAT64, 0.3, 1.5, sizes);
    Tensor signs = Tensor.bernoulli(Rng.of(9).split(sizes.length), 0.5, sizes).to(DType.FLOAT64).times(2).minus(1);
    return x.times(signs);
  }

  private static Tensor positive(int... sizes) {
    return Tensor.uniform(Rng.of(10).split(sizes.length), DType.FLOAT64, 0.4, 2, sizes);
  }

  private static Tensor withZeros() {
    return Tensor.of(new double[][] {{0.5, 0, -2, 1.5}, {0, 3, 0, -0.7}});
  }

  private static Case one(String operation, String what, UnaryOperator<Variable> f, Tensor x) {
    return new Case(operation, what, false, xs -> f.apply(xs.getFirst()), x);
  }

  private static Case flat(String operation, String what, UnaryOperator<Variable> f, Tensor x) {
    return new Case(operation, what, true, xs -> f.apply(xs.getFirst()), x);
  }

  private interface Two {
    Variable apply(Variable a, Variable b);
  }

  private static Case two(String operation, String what, Two f, Tensor a, Tensor b) {
    return new Case(operation, what, false, xs -> f.apply(xs.get(0), xs.get(1)), a, b);
  }

  private static Case flatTwo(String operation, String what, Two f, Tensor a, Tensor b) {
    return new Case(operation, what, true, xs -> f.apply(xs.get(0), xs.get(1)), a, b);
  }

  private interface Three {
    Variable apply(Variable a, Variable b, Variable c);
  }

  private static Case three(String operation, String what, Three f, Tensor a, Tensor b, Tensor c) {
    return new Case(operation, what, false, xs -> f.apply(xs.get(0), xs.get(1), xs.get(2)), a, b, c);
  }

  public static Stream<Case> all() {
    return Stream.of(arithmetic(), activations(), products(), reductions(), movement(), indexing(), edges())
        .flatMap(s -> s);
  }

  private static Stream<Case> arithmetic() {
    Tensor row = Tensor.of(new double[] {0.5, -2, 3});
    return Stream.of(
        flatTwo("plus", "same shape", Variable::plus, normal(2, 3), apart(2, 3)),
        flatTwo("plus", "broadcast both ways", Variable::plus, normal(2, 1, 3), apart(4, 1)),
        flat("plus", "number", x -> x.plus(2.5), normal(2, 3)),
        flat("plus", "tensor", x -> x.plus(row), normal(2, 3)).reading(row),
        flatTwo("minus", "broadcast", Variable::minus, normal(2, 3), apart(3)),
        flat("minus", "number", x -> x.minus(2.5), normal(2, 3)),
        flat("minus", "tensor", x -> x.minus(row), normal(2, 3)).reading(row),
        two("times", "broadcast", Variable::times, normal(2, 3), apart(2, 1)),
        two("times", "scalar", Variable::times, normal(2, 3), Tensor.scalar(1.7)),
        flat("times", "number", x -> x.times(-1.5), normal(3)),
        flat("times", "tensor", x -> x.times(row), normal(2, 3)).reading(row),
        two("times", "itself", (a, b) -> a.times(a).times(b), normal(3), apart(3)),
        two("divide", "broadcast", Variable::divide, normal(2, 3), apart(3)),
        flat("divide", "number", x -> x.divide(-1.5), normal(3)),
        flat("divide", "tensor", x -> x.divide(row), normal(2, 3)).reading(row),
        two("pow", "variables", Variable::pow, positive(2, 3), apart(3)),
        two("pow", "variables, whole exponents", Variable::pow, positive(2, 3), Tensor.of(new double[] {0, 1, 2})),
        one("pow", "constants, whole exponents", x -> x.pow(x.tape().constant(Tensor.of(new double[] {0, 3, -2}))),
            apart(2, 3)),
        one("pow", "number", x -> x.pow(3), apart(2, 3)),
        one("pow", "root", x -> x.pow(0.5), positive(3)),
        flat("negate", "", Variable::negate, normal(2, 3)),
        one("reciprocal", "", Variable::reciprocal, apart(2, 3)),
        one("square", "", Variable::square, normal(2, 3)),
        one("sqrt", "", Variable::sqrt, positive(2, 3)),
        flat("abs", "", Variable::abs, apart(2, 3)),
        flatTwo("minimum", "broadcast", Variable::minimum, normal(2, 3), apart(3)),
        flatTwo("maximum", "broadcast", Variable::maximum, normal(2, 3), apart(3)),
        flat("clamp", "", x -> x.clamp(-0.7, 0.9), Tensor.of(new double[] {-2, -0.5, 0.1, 0.6, 3}, 5)),
        one("sin", "", Variable::sin, normal(2, 3)),
        one("cos", "", Variable::cos, normal(2, 3)),
        one("exp", "", Variable::exp, normal(2, 3)),
        one("expm1", "", Variable::expm1, normal(2, 3)),
        one("log", "", Variable::log, positive(2, 3)),
        one("log1p", "", Variable::log1p, positive(2, 3)));
  }

  private static Stream<Case> activations() {
    Tensor kept = Tensor.of(new boolean[][] {{true, true, false}, {false, false, false}});
    Tensor columns = Tensor.of(new boolean[] {true, false, true});
    return Stream.of(
        one("tanh", "", Variable::tanh, normal(2, 3)),
        one("tanh", "transposed", x -> x.transpose().tanh(), normal(2, 3)),
        two("tanhBackward", "", Variable::tanhBackward, normal(2, 3), apart(2, 3)),
        one("sigmoid", "", Variable::sigmoid, normal(2, 3)),
        two("sigmoidBackward", "", Variable::sigmoidBackward, normal(2, 3), apart(2, 3)),
        one("softplus", "", Variable::softplus, normal(2, 3)),
        flat("relu", "", Variable::relu, apart(2, 3)),
        one("gelu", "", Variable::gelu, normal(2, 3)),
        one("tanhGelu", "", Variable::tanhGelu, normal(2, 3)),
        one("silu", "", Variable::silu, normal(2, 3)),
        one("glu", "", x -> x.glu(1), normal(2, 6)),
        one("mish", "", Variable::mish, normal(2, 3)),
        one("elu", "", x -> x.elu(0.7), apart(2, 3)),
        flat("leakyRelu", "", x -> x.leakyRelu(0.1), apart(2, 3)),
        flat("hardtanh", "", Variable::hardtanh, Tensor.of(new double[] {-2, -0.5, 0.1, 0.6, 3}, 5)),
        one("logSigmoid", "", Variable::logSigmoid, normal(2, 3)),
        one("erf", "", Variable::erf, normal(2, 3)),
        one("softmax", "last axis", x -> x.softmax(-1), normal(2, 3)),
        one("softmax", "first axis", x -> x.softmax(0), normal(2, 3)),
        one("softmax", "masked, one row all of it", x -> x.softmax(1, kept), normal(2, 3)).reading(kept),
        one("softmax", "masked, broadcast", x -> x.softmax(-1, columns), normal(2, 3)).reading(columns),
        one("logSoftmax", "", x -> x.logSoftmax(1), normal(2, 3, 4)));
  }

  private static Stream<Case> products() {
    return Stream.of(
        two("matmul", "matrices", Variable::matmul, normal(2, 3), apart(3, 4)),
        two("matmul", "transposed", (a, b) -> a.transpose().matmul(b.transpose()), normal(3, 2), apart(4, 3)),
        two("matmul", "batch by matrix", Variable::matmul, normal(5, 2, 3), apart(3, 4)),
        two("matmul", "batches broadcast", Variable::matmul, normal(5, 1, 2, 3), apart(2, 3, 4)),
        two("matmul", "vector by matrix", Variable::matmul, normal(3), apart(3, 4)),
        two("matmul", "matrix by vector", Variable::matmul, normal(2, 3), apart(3)),
        two("matmul", "vector by vector", Variable::matmul, normal(3), apart(3)),
        two("linear", "", Variable::linear, normal(2, 3), apart(4, 3)),
        two("linear", "vector", Variable::linear, normal(3), apart(4, 3)),
        three("linear", "with bias", (x, w, b) -> x.linear(w, b), normal(2, 3), apart(4, 3), normal(4)),
        three("linear", "steps with bias", (x, w, b) -> x.linear(w, b), normal(2, 5, 3), apart(4, 3), normal(4)),
        two("einsum", "batches of matrices", (a, b) -> Variable.einsum("bij,kbj->ikb", a, b), normal(2, 3, 4),
            apart(5, 2, 4)),
        two("einsum", "axes summed on one side", (a, b) -> Variable.einsum("bij,j->b", a, b), normal(2, 3, 4),
            apart(4)),
        two("einsum", "all products", (a, b) -> Variable.einsum("i,jk->kij", a, b), normal(2), apart(3, 4)),
        flat("einsum", "one variable", x -> Variable.einsum("ijk->kj", x), normal(2, 3, 4)),
        two("dot", "", Variable::dot, normal(3), apart(3)),
        two("outer", "", Variable::outer, normal(2), apart(3)));
  }

  private static Stream<Case> reductions() {
    return Stream.of(
        flat("sum", "all", Variable::sum, normal(2, 3)),
        flat("sum", "middle", x -> x.sum(1), normal(2, 3, 4)),
        flat("sum", "two axes", x -> x.sum(0, -1), normal(2, 3, 4)),
        flat("sum", "of size one", x -> x.sum(1), normal(2, 1, 3)),
        flat("sumKeepDims", "", x -> x.sumKeepDims(1), normal(2, 3)),
        flat("mean", "", x -> x.mean(0), normal(2, 3)),
        flat("meanKeepDims", "", x -> x.meanKeepDims(), normal(2, 3)),
        one("variance", "", x -> x.variance(1), normal(2, 3)),
        one("varianceKeepDims", "", x -> x.varianceKeepDims(0), normal(2, 3)),
        one("unbiasedVariance", "", x -> x.unbiasedVariance(1), normal(2, 3)),
        one("std", "", x -> x.std(0, 1), normal(2, 3)),
        one("prod", "", x -> x.prod(1), apart(2, 5)),
        one("prod", "zeros, one and two in a row", x -> x.prod(-1), withZeros()),
        one("cumprod", "", x -> x.cumprod(0), apart(5, 2)),
        one("cumprod", "zeros, one and two in a row", x -> x.cumprod(1), withZeros()),
        flat("max", "", x -> x.max(1), normal(2, 3)),
        flat("maxKeepDims", "", x -> x.maxKeepDims(0), normal(2, 3)),
        flat("min", "", x -> x.min(), normal(2, 3)),
        flat("minKeepDims", "", x -> x.minKeepDims(0), normal(2, 3)),
        one("norm", "", x -> x.norm(1), normal(2, 3)),
        one("normKeepDims", "", x -> x.normKeepDims(0), normal(2, 3)),
        one("logSumExp", "", x -> x.logSumExp(1), normal(2, 3)),
        one("logSumExpKeepDims", "", x -> x.logSumExpKeepDims(0, 1), normal(2, 3)),
        flat("cumsum", "", x -> x.cumsum(1), normal(2, 3)),
        flat("cumsumReverse", "", x -> x.cumsumReverse(0), normal(2, 3)));
  }

  private static Stream<Case> movement() {
    return Stream.of(
        flat("reshape", "", x -> x.reshape(3, -1), normal(2, 3)),
        flat("reshape", "of a transposed", x -> x.transpose().reshape(6), normal(2, 3)),
        flat("contiguous", "of a transposed", x -> x.transpose().contiguous(), normal(2, 3)),
        flat("transpose", "", Variable::transpose, normal(2, 3)),
        flat("permute", "", x -> x.permute(2, 0, 1), normal(2, 3, 4)),
        flat("squeeze", "", x -> x.squeeze(1), normal(2, 1, 3)),
        flat("unsqueeze", "", x -> x.unsqueeze(-1), normal(2, 3)),
        flat("expand", "", x -> x.expand(4, 2, 3), normal(2, 1)),
        flat("slice", "", x -> x.slice(1, 1, 3), normal(2, 4)),
        flat("slice", "with steps", x -> x.slice(0, 1, 5, 2), normal(5, 2)),
        two("slice", "several of one", (a, b) -> a.slice(0, 0, 2).times(a.slice(0, 1, 3)).times(b), normal(3),
            apart(2)),
        flat("select", "", x -> x.select(1, -1), normal(2, 3)),
        one("split", "all parts", x -> product(x.split(1, 3)), normal(2, 3)),
        one("split", "by sizes, one part unused", x -> x.split(0, new int[] {1, 3, 1}).get(1).square(), normal(5, 2)),
        one("chunk", "", x -> x.chunk(0, 2).get(1).square(), normal(5, 2)),
        flat("flip", "", x -> x.flip(1), normal(2, 3)),
        flat("unfold", "overlapping", x -> x.unfold(0, 3, 1), normal(5, 2)),
        flat("unfold", "with gaps", x -> x.unfold(1, 2, 3), normal(2, 6)),
        flat("pad", "", x -> x.pad(1, 2, 1, 0.5), normal(2, 3)),
        flatTwo("concat", "", (a, b) -> Variable.concat(1, List.of(a, b, a)), normal(2, 3), apart(2, 1)),
        flatTwo("stack", "", (a, b) -> Variable.stack(1, List.of(a, b)), normal(2, 3), apart(2, 3)),
        flat("to", "and back", x -> x.to(DType.FLOAT64), normal(3)));
  }

  /// Functions of one argument, and of two that broadcast, at empty axes, axes of size one, and views of all kinds.
  private static Stream<Case> edges() {
    List<Map.Entry<String, UnaryOperator<Variable>>> functions = List.of(
        Map.entry("square", Variable::square), Map.entry("exp", Variable::exp), Map.entry("tanh", Variable::tanh),
        Map.entry("sigmoid", Variable::sigmoid), Map.entry("softplus", Variable::softplus),
        Map.entry("gelu", Variable::gelu), Map.entry("softmax", x -> x.softmax(0)),
        Map.entry("logSoftmax", x -> x.logSoftmax(0)), Map.entry("sum", x -> x.sum(0)),
        Map.entry("mean", x -> x.mean(0)), Map.entry("variance", x -> x.cumsum(0).variance(0)),
        Map.entry("norm", x -> x.norm(0)), Map.entry("cumsum", x -> x.cumsum(0)), Map.entry("negate", Variable::negate),
        Map.entry("plus", x -> x.plus(x.select(0, 0))), Map.entry("times", x -> x.times(x.select(0, 0))),
        Map.entry("divide", x -> x.divide(x.square().plus(1))), Map.entry("matmul", x -> x.matmul(x.transpose())),
        Map.entry("concat", x -> Variable.concat(1, List.of(x, x.square()))), Map.entry("pad", x -> x.pad(0, 1, 0, 2)));
    return functions.stream().flatMap(f -> {
      String name = f.getKey();
      UnaryOperator<Variable> function = f.getValue();
      return Stream.of(
          flat(name, "empty", x -> function.apply(x.slice(1, 0, 0)).sum().plus(x.sum()), normal(2, 3)),
          flat(name, "size one, second axis", function, normal(3, 1)),
          flat(name, "flipped and transposed", x -> function.apply(x.flip(0).transpose()), normal(4, 3)),
          flat(name, "every second column", x -> function.apply(x.slice(1, 0, 5, 2)), normal(2, 5)),
          flat(name, "expanded", x -> function.apply(x.expand(3, 4)), normal(4)),
          flat(name, "unfold", x -> function.apply(x.unfold(0, 3, 1)), normal(5)));
    });
  }

  private static Variable product(List<Variable> parts) {
    return parts.stream().reduce(Variable::times).orElseThrow();
  }

  private static Stream<Case> indexing() {
    Tensor ids = Tensor.of(new int[] {2, 0, 2, 1}, 2, 2);
    Tensor few = Tensor.of(new int[] {4, 4}, 2);
    Tensor along = Tensor.of(new int[] {2, 0, 0, 1}, 2, 2);
    Tensor mask = Tensor.of(new boolean[] {true, false, true, true, false, false}, 2, 3);
    return Stream.of(
        flat("gather", "rows, repeated", x -> x.gather(ids, 0), normal(3, 2)).reading(ids),
        flat("gather", "few rows of many", x -> x.gather(few, 0), normal(9, 2)).reading(few),
        flat("gather", "other axis", x -> x.gather(ids, 1), normal(2, 3)).reading(ids),
        flat("gather", "by variable", x -> x.gather(x.tape().constant(ids), 0), normal(3, 2)).reading(ids),
        flat("takeAlong", "", x -> x.takeAlong(along, 1), normal(2, 3)).reading(along),
        flatTwo("scatterAdd", "", (a, b) -> a.scatterAdd(ids, b, 0), normal(3, 5), apart(2, 2, 5)).reading(ids),
        flatTwo("scatterAddAlong", "", (a, b) -> a.scatterAddAlong(along, b, 1), normal(2, 3), apart(2, 2))
            .reading(along),
        flat("maskedSelect", "", x -> x.maskedSelect(mask), normal(2, 3)).reading(mask),
        flatTwo("where", "broadcast", (a, b) -> Variable.where(mask, a, b), normal(2, 1), apart(3)).reading(mask),
        flatTwo("where", "by variable", (a, b) -> Variable.where(a.tape().constant(mask), a, b), normal(2, 1), apart(3))
            .reading(mask),
        flat("topK", "smallest", x -> x.topK(2, false).values(), normal(2, 3)),
        flat("sort", "", x -> x.sort(0), normal(5, 2)),
        flat("topK", "", x -> x.topK(2).values(), normal(2, 3)));
  }
}

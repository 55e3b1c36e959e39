package dev.rewind.nn.fused;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// Means over what a BOOL mask keeps.
public final class Masks {
  private Masks() {}

  /// `x`, and zeros where the mask leaves it out.
  public static Variable kept(Variable x, Tensor mask) {
    return Variable.where(mask, x, x.tape().constant(Tensor.zeros(x.dtype())));
  }

  /// The mean of what a mask keeps, 0 if that is nothing.
  public static Variable mean(Variable x, Tensor mask) {
    return kept(x, mask).sum().times(weight(mask));
  }

  /// 1 by the number of true elements, 0 if there is none.
  public static double weight(Tensor mask) {
    double count = mask.to(DType.INT32).sum().item();
    return count == 0 ? 0 : 1 / count;
  }
}

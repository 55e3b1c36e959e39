package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import java.util.List;

/// Layers one after another. Those with parameters are registered under their place, `0`, `2`, .., as PyTorch does:
///
/// ```java
/// Layer network = new Sequential(
///     new Linear(8, 16, rng.split(0)), Variable::relu, new Dropout(0.1), new Linear(16, 4, rng.split(1)));
/// ```
public final class Sequential extends Block implements Layer {
  private final List<Layer> layers;

  /// The layers, the first one first.
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      childIfBlock(Integer.toString(i), layers[i]);
    }
  }

  /// The layers, the first one first.
  public List<Layer> layers() {
    return layers;
  }

  @Override
  public Variable forward(Variable x) {
    Variable y = x;
    for (Layer layer : layers) {
      y = layer.forward(y);
    }
    return Shapes.note(this, y);
  }
}

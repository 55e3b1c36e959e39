/// Layers and losses, and the base class of everything that has parameters.
///
/// Begin with [Block]: a class that extends it registers parameters and parts by name, and inherits counting,
/// saving, loading and freezing. [Linear], [Embedding] and [LayerNorm] are blocks; a [Layer] is a function of one
/// variable, and [Sequential] chains layers. [Losses] are what training minimizes.
///
/// ```java
/// Sequential model = new Sequential(new Linear(4, 8, Rng.of(1)), Variable::tanh);
/// Variable logits = model.forward(Tape.recording().constant(Tensor.ones(DType.FLOAT32, 2, 4)));   // [2, 8]
/// Variable loss = Losses.crossEntropy(logits, Tensor.of(new int[] {0, 2}));
/// ```
///
/// Recurrent cells are in [dev.rewind.nn.cells], and what runs them over time in [dev.rewind.nn.rnn]; data, training,
/// generation and files have their own packages.
package dev.rewind.nn;

/// Layers and losses, and the base class of all that has parameters.
///
/// Begin with [Block]: a class that extends it registers parameters and parts by name, and gets counting, saving,
/// loading and freezing. [Linear], [Embedding] and [LayerNorm] are such; a [Layer] is a function of one variable, and
/// [Sequential] puts layers one after another. [Losses] are what training makes small.
///
/// ```java
/// Sequential model = new Sequential(new Linear(4, 8, Rng.of(1)), Variable::tanh);
/// Variable logits = model.forward(Tape.recording().constant(Tensor.ones(DType.FLOAT32, 2, 4)));   // [2, 8]
/// Variable loss = Losses.crossEntropy(logits, Tensor.of(new int[] {0, 2}));
/// ```
///
/// Recurrent cells are in [dev.rewind.nn.cells], and what runs them over time in [dev.rewind.nn.rnn]; data, training,
/// writing and files have packages of their own.
package dev.rewind.nn;

/// Layers and losses, and the base class of all that has parameters.
///
/// Begin with [Block]: whoever extends it registers parameters and parts by name, and gets counting, saving, loading and
/// freezing. [Linear], [Embedding] and [LayerNorm] are such; a [Layer] is a function of one variable, and [Sequential] puts
/// layers one after another. [Losses] are what training makes small.
///
/// ```java
/// Sequential model = new Sequential(new Linear(4, 8, Rng.of(1)), Variable::tanh, new Linear(8, 3, Rng.of(2)));
/// Variable logits = model.forward(Tape.recording().constant(Tensor.ones(DType.FLOAT32, 2, 4)));   // [2, 3]
/// Variable loss = Losses.crossEntropy(logits, Tensor.of(new int[] {0, 2}));
/// ```
///
/// | package | what it holds |
/// |---|---|
/// | [dev.rewind.nn.cells] | recurrent cells and layers: LSTM, GRU and their kin |
/// | [dev.rewind.nn.rnn] | what runs cells over time, and what a cell of your own needs |
/// | [dev.rewind.nn.data] | from examples, texts and series to batches |
/// | [dev.rewind.nn.train] | a training loop, metrics, a learning rate to begin with |
/// | [dev.rewind.nn.generate] | writing with a trained model |
/// | [dev.rewind.nn.optim] | optimizers and schedules |
/// | [dev.rewind.nn.init] | initial weights |
/// | [dev.rewind.nn.io] | files of tensors |
package dev.rewind.nn;

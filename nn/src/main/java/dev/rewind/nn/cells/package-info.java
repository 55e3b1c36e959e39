/// Recurrent cells: what one step of time computes. Begin with [LstmCell], and run it with
/// [dev.rewind.nn.rnn.Recurrence]:
///
/// ```java
/// LstmCell cell = new LstmCell(4, 6, Rng.of(1));
/// Variable inputs = Tape.recording().constant(Tensor.ones(DType.FLOAT32, 2, 3, 4));   // [batch, time, inputs]
/// Recurrence.scan(cell, inputs, cell.initialState(inputs.tape(), 2)).outputs().shape()   // ==> [2, 3, 6]
/// ```
///
/// - [Lstm], [Gru] and [Rnn] are whole layers: several cells on top of each other, in one direction or both.
/// - [LstmCell], [GruCell] and [RnnCell] run over a sequence as one fused operation. [ResetBeforeGruCell] is TensorFlow
///   1's GRU.
/// - [CifgLstmCell], [PeepholeLstmCell], [ProjectedLstmCell], [LayerNormLstmCell], [LayerNormGruCell],
///   [MogrifierLstmCell], [RewiredLstmCell], [SLstmCell], [GruDCell], [ConvLstmCell] and [IndRnnCell] are their
///   published variants.
/// - [MinGruCell], [MinLstmCell], [QrnnCell] and [MLstmCell] have gates that do not see the state, so that a scan
///   computes many steps at once. [LruCell] and [SelectiveScanCell] are linear recurrences, step by step.
/// - [MixtureCell] is an example of a cell of your own.
/// - Cells that wrap any of these are in [dev.rewind.nn.wrappers].
package dev.rewind.nn.cells;

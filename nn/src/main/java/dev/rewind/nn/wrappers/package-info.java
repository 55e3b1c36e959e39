/// Cells that change something about another one, of any kind: a wrapped cell is a cell, with the same sizes.
///
/// ```java
/// Cell<LstmState> cell = new ResidualCell<>(new ZoneoutCell<>(new LstmCell(4, 4, Rng.of(1)), 0.05, 0.5));
/// Variable inputs = Tape.inference().constant(Tensor.ones(DType.FLOAT32, 2, 3, 4));   // [batch, time, inputs]
/// Recurrence.scan(cell, inputs).outputs().shape()                                     // ==> [2, 3, 4]
/// ```
///
/// - [DropoutCell], [VariationalInputCell], [VariationalStateCell] and [ZoneoutCell] regularize.
/// - [ResidualCell] adds the input to the output.
/// - [LearnedStateCell] learns the initial state.
package dev.rewind.nn.wrappers;

/// Running cells over time, combining them, and writing your own. Begin with [Recurrence], which has a driver for each
/// way to read a sequence: a list of steps, a whole `[batch, time, inputs]`, steps in a loop, sequences of symbols.
///
/// ```java
/// RnnCell cell = new RnnCell(4, 6, Rng.of(1));
/// List<Variable> inputs = Tape.recording().constant(Tensor.ones(DType.FLOAT32, 2, 3, 4)).split(1, 3);
/// Unrolled<HiddenState> run = Recurrence.unroll(cell, inputs.stream().map(x -> x.squeeze(1)).toList(),
///     cell.initialState(inputs.getFirst().tape(), 2));
/// run.outputs().size()   // ==> 3
/// ```
///
/// - [Cell] is one step; [RecurrentCell] is the base class for your own cells, with [Gates] for the usual sums;
///   [CellCheck] checks the contract and the gradients of a cell.
/// - [State] is what a cell carries: [HiddenState], [LstmState], or your own record. [TbpttState] carries it from one
///   window of a long text to the next.
/// - [StackedCell] and [ThenCell] put cells on top of one another, [Bidirectional] runs two in opposite directions.
/// - [Trace] collects states and gates by name while a network runs.
package dev.rewind.nn.rnn;

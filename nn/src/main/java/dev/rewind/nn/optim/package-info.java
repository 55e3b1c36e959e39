/// Optimizers, which update parameters in place, and learning-rate schedules. Begin with [Adam]:
///
/// ```java
/// Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
/// Optimizer optimizer = new Adam(List.of(weight), 0.1);
/// Tape tape = Tape.recording();
/// optimizer.step(tape.gradients(tape.watch(weight).square().sum()).clipByNorm(5));
/// weight.value()   // ==> [0.9, 1.9, 2.9]
/// ```
///
/// - [Adam], [AdamW], [Adagrad], [RmsProp] and [Sgd] compute the same as PyTorch's; to write your own
///   [ElementwiseOptimizer], you only write its formula.
/// - [Muon] moves the matrices of cells by orthogonalised momentum; it trained an LSTM in fewer steps than [Adam].
/// - [Lbfgs] minimizes the loss of a small problem, which it computes itself.
/// - [Schedule] is a learning rate as a function of the iteration.
/// - [Accumulation] adds up the gradients of a batch that is too large to compute at once.
package dev.rewind.nn.optim;

/// Optimizers, which change parameters in place by their gradients, and learning rates over time. Begin with [Adam]:
///
/// ```java
/// Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
/// Optimizer optimizer = new Adam(List.of(weight), 0.1);
/// Tape tape = Tape.recording();
/// optimizer.step(tape.gradients(tape.watch(weight).square().sum()).clipByNorm(5));
/// weight.value()   // ==> [0.9, 1.9, 2.9]
/// ```
///
/// - [Adam], [AdamW], [Adagrad], [RmsProp] and [Sgd] compute what PyTorch's do; an [ElementwiseOptimizer] of your own
///   is its formula.
/// - [Schedule] is a learning rate as a function of the iteration.
/// - [Accumulation] adds up the gradients of a batch that is too large to be computed at once.
package dev.rewind.nn.optim;

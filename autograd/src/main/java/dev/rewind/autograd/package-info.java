/// Reverse-mode automatic differentiation: a tape records operations on variables, and gives gradients as values.
///
/// Begin with [Tape] and [Variable], which has every operation as a method:
///
/// ```java
/// Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
/// Tape tape = Tape.recording();
/// tape.gradients(tape.watch(weight).square().sum()).of(weight)   // ==> [2.0, 4.0, 6.0]
/// ```
///
/// - [Param] is a tensor that is learned; [Gradients] maps parameters to their gradients, and can be clipped and added
///   up.
/// - [Derivatives] differentiates functions: Jacobians, Hessians, products of them with vectors.
/// - [Op] declares an operation of your own: its value and its gradient rules.
/// - [TapeOptions] is what a run may be given: an observer, a workspace, anomaly mode. [Graph] is what a tape recorded,
///   to be shown.
/// - [GradientAccumulator], [Memo] and [Workspace] are for authors of fused operations and cells.
package dev.rewind.autograd;

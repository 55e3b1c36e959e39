/// Checks of gradients against numerical ones, for tests of code of your own. Begin with [GradientCheck]:
///
/// ```java
/// Tensor at = Tensor.of(new double[] {0.5, -1, 2});
/// CheckResult result = GradientCheck.of(x -> x.tanh().sum()).at(at).secondOrder().run();
/// result.assertPasses();
/// ```
///
/// `dev.rewind.nn.rnn.CellCheck` does the same for a recurrent cell over some steps.
package dev.rewind.autograd.check;

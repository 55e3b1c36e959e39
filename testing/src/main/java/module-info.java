/// Assertions for tensors and gradients in the style of AssertJ, and tests over shapes and dtypes for JUnit.
module rewind.testing {
  requires transitive rewind.autograd;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.params;

  exports dev.rewind.testing;
}

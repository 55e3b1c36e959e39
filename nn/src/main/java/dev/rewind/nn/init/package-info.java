/// Initial values of weights: [Init] has the usual ones, for cells and layers of your own. Those of the library choose
/// their own, which [dev.rewind.nn.Block#initialize] replaces by name:
///
/// ```java
/// LstmCell cell = new LstmCell(4, 6, Rng.of(1));
/// cell.initialize("weight_hh", Rng.of(2), (rng, shape) -> Init.orthogonalGates(rng, 4, 6));   // returns how many
/// ```
package dev.rewind.nn.init;

/// Initial values of weights: [Init] has the usual ones, for your own cells and layers. Those of the library choose
/// theirs, which you can replace by name with [dev.rewind.nn.Block#initialize]:
///
/// ```java
/// LstmCell cell = new LstmCell(4, 6, Rng.of(1));
/// cell.initialize("weight_hh", Rng.of(2), (rng, shape) -> Init.orthogonalGates(rng, 4, 6));   // returns how many
/// ```
package dev.rewind.nn.init;

/// The character model, as a reader of the tutorial would build it. Begin with [CharRnn], whose comment gives the
/// order.
package dev.rewind.examples.charrnn.model;

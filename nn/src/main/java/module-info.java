/// Layers, recurrent cells and what drives them, losses, optimizers, and files of tensors.
module rewind.nn {
  requires transitive rewind.autograd;
  requires com.fasterxml.jackson.core;

  exports dev.rewind.nn;
  exports dev.rewind.nn.attention;
  exports dev.rewind.nn.cells;
  exports dev.rewind.nn.data;
  exports dev.rewind.nn.generate;
  exports dev.rewind.nn.init;
  exports dev.rewind.nn.io;
  exports dev.rewind.nn.optim;
  exports dev.rewind.nn.rnn;
  exports dev.rewind.nn.train;
  exports dev.rewind.nn.wrappers;
}

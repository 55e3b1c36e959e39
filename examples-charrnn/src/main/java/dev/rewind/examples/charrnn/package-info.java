/// The command line of the character model: [Main] has the commands, each of which is a class (`TrainCommand`,
/// `SampleCommand`, ..). What they say and refuse is here; what is computed is in [dev.rewind.examples.charrnn.model].
///
/// An option such as `--learning-rate` is a field of `TrainCommand`, becomes a component of
/// [dev.rewind.examples.charrnn.model.TrainOptions], which `Settings` saves beside the model, and is used by
/// [dev.rewind.examples.charrnn.model.Trainer].
package dev.rewind.examples.charrnn;

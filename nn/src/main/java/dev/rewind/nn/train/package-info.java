/// Training, for those who do not write the loop themselves. [dev.rewind.nn.train.Trainer] makes steps of a lambda from a
/// tape and a batch to a loss, and can be saved between any two; [dev.rewind.nn.train.TrainingLoop] makes all of them,
/// with validation, the best model, an early end, files, progress, and going on after an interruption to the same bits.
/// [dev.rewind.nn.train.Mean], [dev.rewind.nn.train.Confusion] and [dev.rewind.nn.train.EditDistance] are metrics.
/// [dev.rewind.nn.train.LearningRateFinder] suggests a learning rate to begin with; [dev.rewind.nn.train.ParameterReport] shows
/// what a step did to each parameter.
package dev.rewind.nn.train;

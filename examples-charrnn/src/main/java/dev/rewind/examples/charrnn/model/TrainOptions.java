package dev.rewind.examples.charrnn.model;

/// How a model is trained.
///
/// @param batch B, texts side by side
/// @param steps T, symbols between two updates: the reach of the truncated back-propagation
/// @param iterations updates in all
/// @param learningRate Adam's
/// @param clip the norm to which gradients are scaled down
/// @param validation the share of the text, at its end, that is held out
/// @param seed of all randomness
/// @param checkpointEvery iterations between two checkpoints, each with a validation
/// @param sampleEvery iterations between two samples shown
/// @param form how a window is read
public record TrainOptions(
    int batch, int steps, int iterations, double learningRate, double clip, double validation, long seed,
    int checkpointEvery, int sampleEvery, Form form) {}

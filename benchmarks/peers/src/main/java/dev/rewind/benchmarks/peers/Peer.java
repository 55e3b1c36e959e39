package dev.rewind.benchmarks.peers;

/// A library to compare with, in one of its settings, which its text tells.
sealed interface Peer permits Setting, TensorFlowSetting {}

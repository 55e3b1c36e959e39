/// Files of named tensors, as safetensors libraries read and write them. Begin with [TensorFile]:
///
/// ```java
/// Path file = Files.createTempDirectory("model").resolve("model.safetensors");
/// new TensorFile(new LstmCell(4, 6, Rng.of(1)).state(), Map.of("made by", "me")).write(file);
/// new LstmCell(4, 6, Rng.of(2)).load(TensorFile.read(file).tensors());
/// ```
///
/// [TensorArchive] reads one tensor at a time, of NumPy's and PyTorch's files too; [TensorFormat] is what can be
/// written; [Conversions] knows the layouts of other frameworks; [Inspect] prints what a file holds.
///
/// [Mapping] loads tensors of other names, or some of them, and a [LoadReport] says what matched.
///
/// A file is replaced as a whole or not at all, by [AtomicFile]; one that is not sound is a [TensorFileException] that
/// says where.
package dev.rewind.nn.io;

/// Files of named tensors in the safetensors format. Begin with [TensorFile]:
///
/// ```java
/// Path file = Files.createTempDirectory("model").resolve("model.safetensors");
/// new TensorFile(new LstmCell(4, 6, Rng.of(1)).state(), Map.of("made by", "me")).write(file);
/// new LstmCell(4, 6, Rng.of(2)).load(TensorFile.read(file).tensors());
/// ```
///
/// [TensorArchive] reads one tensor at a time, also from NumPy and PyTorch files; [TensorFormat] lists the formats that
/// can be written; [Conversions] knows the layouts of other frameworks; [Inspect] prints the contents of a file.
///
/// [WordVectors] reads text files of GloVe and word2vec into the rows of a table.
///
/// [Mapping] loads tensors under other names, or only some of them, and a [LoadReport] says what matched.
///
/// [AtomicFile] replaces a file as a whole or not at all. A damaged file causes a [TensorFileException] that says where
/// the damage is.
package dev.rewind.nn.io;

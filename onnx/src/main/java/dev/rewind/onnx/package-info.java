/// Models for [ONNX Runtime](https://onnxruntime.ai) and whatever else reads ONNX. [OnnxModel] is all of it:
///
/// ```java
/// OnnxModel.ofIds("ids").carrying("state").then(embedding).then(lstm).then(head).output("logits")
///     .write(Path.of("model.onnx"));
/// ```
package dev.rewind.onnx;

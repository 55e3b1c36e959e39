/// Recurrent models as ONNX files. Begin with [dev.rewind.onnx.OnnxModel].
module rewind.onnx {
  requires transitive rewind.nn;
  requires com.google.protobuf;
  requires org.tribuo.util.onnx;

  exports dev.rewind.onnx;
}

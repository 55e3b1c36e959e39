package dev.rewind.architecture;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.core.JsonFactory;
import com.google.protobuf.ByteString;
import dev.rewind.autograd.Variable;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.nn.Linear;
import dev.rewind.onnx.OnnxModel;
import dev.rewind.report.Report;
import dev.rewind.tensor.Tensor;
import dev.rewind.testing.RewindAssertions;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import org.apiguardian.api.API;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.platform.commons.JUnitException;
import org.opentest4j.AssertionFailedError;

/// The compiled classes of this repository, and what each of them mentions.
final class Code {
  /// A class of each module, each of which may use those before it.
  static final List<Class<?>> MODULES = List.of(Tensor.class, Variable.class, RewindAssertions.class, Linear.class,
      OnnxModel.class, Report.class, CharRnn.class);

  private static final Pattern OURS = Pattern.compile("dev/rewind/[\\w/$]+");

  private Code() {}

  /// @param module its place in [#MODULES]
  record Type(int module, ClassModel model) {
    String name() {
      return model.thisClass().asInternalName().replace('/', '.');
    }

    String packageName() {
      return Code.packageName(name());
    }

    /// The class itself, not initialized.
    Class<?> load() {
      try {
        return Class.forName(name(), false, Code.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new AssertionError(name(), e);
      }
    }

    /// The names of our classes that this one uses in any way, but for its own.
    Set<String> uses() {
      Set<String> found = new TreeSet<>();
      for (PoolEntry entry : model.constantPool()) {
        switch (entry) {
          case ClassEntry type -> addOurs(found, type.asInternalName());
          case NameAndTypeEntry member -> addOurs(found, member.type().stringValue());
          case MethodTypeEntry type -> addOurs(found, type.descriptor().stringValue());
          default -> {
          }
        }
      }
      model.findAttribute(Attributes.signature()).ifPresent(a -> addOurs(found, a.signature().stringValue()));
      model.methods().forEach(method -> found.addAll(mentions(method)));
      model.fields().forEach(field -> found.addAll(mentions(field)));
      found.remove(name());
      return found;
    }
  }

  static String packageName(String className) {
    return className.substring(0, className.lastIndexOf('.'));
  }

  /// Our classes in the declaration of a method.
  static Set<String> mentions(MethodModel method) {
    Set<String> found = new TreeSet<>();
    addOurs(found, method.methodType().stringValue());
    method.findAttribute(Attributes.signature()).ifPresent(a -> addOurs(found, a.signature().stringValue()));
    method.findAttribute(Attributes.exceptions())
        .ifPresent(a -> a.exceptions().forEach(e -> addOurs(found, e.asInternalName())));
    return found;
  }

  /// Our classes in the declaration of a field.
  static Set<String> mentions(FieldModel field) {
    Set<String> found = new TreeSet<>();
    addOurs(found, field.fieldType().stringValue());
    field.findAttribute(Attributes.signature()).ifPresent(a -> addOurs(found, a.signature().stringValue()));
    return found;
  }

  private static void addOurs(Set<String> found, String descriptor) {
    Matcher ours = OURS.matcher(descriptor);
    while (ours.find()) {
      found.add(ours.group().replace('/', '.'));
    }
  }

  /// Where a module was compiled to: a folder or a jar.
  static Path location(Class<?> of) {
    try {
      return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static ModuleReference module(Class<?> of) {
    return ModuleFinder.of(location(of)).findAll().iterator().next();
  }

  /// A class of each module that others may use.
  static Stream<Class<?>> libraries() {
    return MODULES.stream().limit(6);
  }

  /// Where the compiler finds the libraries and what they need.
  static String modulePath() {
    Stream<Class<?>> others = Stream.of(JsonFactory.class, ModelProto.class, ByteString.class, Assertions.class,
        ByteBuddy.class, Test.class,
        ParameterizedTest.class, JUnitException.class, AssertionFailedError.class, API.class, NullMarked.class);
    return Stream.concat(libraries(), others).map(of -> location(of).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /// Whether users can name a class, as far as its modifiers go.
  static boolean isVisible(Class<?> type) {
    return (type.accessFlags().contains(AccessFlag.PUBLIC) || type.accessFlags().contains(AccessFlag.PROTECTED))
        && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
  }

  /// All classes of main code.
  static List<Type> types() {
    List<Type> types = new ArrayList<>();
    for (int m = 0; m < MODULES.size(); m++) {
      addTypes(types, m);
    }
    return types;
  }

  private static void addTypes(List<Type> types, int m) {
    try {
      Path location = location(MODULES.get(m));
      if (Files.isDirectory(location)) {
        try (Stream<Path> files = Files.walk(location)) {
          for (Path file : files.filter(f -> isClass(f.toString())).sorted().toList()) {
            types.add(new Type(m, ClassFile.of().parse(file)));
          }
        }
        return;
      }
      try (ModuleReader reader = module(MODULES.get(m)).open(); Stream<String> names = reader.list()) {
        for (String name : names.filter(Code::isClass).sorted().toList()) {
          ByteBuffer bytes = reader.read(name).orElseThrow();
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          reader.release(bytes);
          types.add(new Type(m, ClassFile.of().parse(copy)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isClass(String name) {
    return name.endsWith(".class") && !name.endsWith("module-info.class");
  }
}

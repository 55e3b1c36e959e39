package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.Block;
import dev.rewind.report.Report;
import dev.rewind.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// A program of one source file, as `java FILE` runs it: compiled with the modules of the library, and started in this
/// process. Its fields and methods can be reached by name.
final class Program {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final Class<?> type;
  private final Object instance;

  private Program(Class<?> type) throws ReflectiveOperationException {
    this.type = type;
    Constructor<?> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    this.instance = constructor.newInstance();
  }

  /// Compiles a file of the project, without a warning.
  static Program of(String source) throws Exception {
    Path file = ROOT.resolve(source);
    Path classes = Files.createTempDirectory("program");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      List<String> options = List.of("-d", classes.toString(), "--module-path", modulePath(), "--add-modules",
          "rewind.nn", "--source-path", file.getParent().toString(), "-Xlint:all,-incubating", "-Werror");
      compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(file)).call();
    }
    assertThat(messages.toString()).as(source).isEmpty();
    Matcher inPackage = Pattern.compile("package (.*);\n").matcher(Files.readString(file));
    String name = (inPackage.lookingAt() ? inPackage.group(1) + "." : "") + file.getFileName().toString().replace(
        ".java", "");
    URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Program.class.getClassLoader());
    return new Program(Class.forName(name, true, loader));
  }

  /// The modules that the build made, with what they need.
  static String modulePath() {
    return Stream.of(Tensor.class, Tape.class, Block.class, Report.class, JsonFactory.class).map(Program::origin)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Runs `main`; what it printed.
  String run(String... arguments) throws Exception {
    Method main = Arrays.stream(type.getDeclaredMethods()).filter(m -> m.getName().equals("main")).findFirst()
        .orElseThrow();
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      invoke(main, main.getParameterCount() == 0 ? new Object[0] : new Object[] {arguments});
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  /// Calls one of its methods.
  Object call(String method, Object... arguments) throws Exception {
    Method found = Arrays.stream(type.getDeclaredMethods()).filter(m -> m.getName().equals(method)).findFirst()
        .orElseThrow();
    return invoke(found, arguments);
  }

  private Object invoke(Method method, Object[] arguments) throws Exception {
    method.setAccessible(true);
    try {
      return method.invoke(instance, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /// An object of one of its nested classes.
  Object make(String nested, Object... arguments) throws ReflectiveOperationException {
    Class<?> found = Class.forName(type.getName() + "$" + nested, true, type.getClassLoader());
    Constructor<?> constructor = found.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    return constructor.newInstance(arguments);
  }

  /// The value of one of its fields.
  Object get(String field) throws ReflectiveOperationException {
    Field found = type.getDeclaredField(field);
    found.setAccessible(true);
    return found.get(instance);
  }

  /// The text that the programs of the documents are run on where the one that the program brings would take too long.
  static Path smallText(Path directory, int symbols) throws IOException {
    String line = "the quick brown fox jumps over the lazy dog. ";
    return Files.writeString(directory.resolve("small.txt"),
        line.repeat(symbols / line.length() + 1).substring(0, symbols));
  }
}

package dev.rewind.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.lang.module.ModuleDescriptor.Exports;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A program can import all of `java.base` and all of ours, and call every public type by its simple name.
class PublicNamesTest {
  private static final Pattern AMBIGUOUS = Pattern.compile("reference to (\\w+) is ambiguous");

  @TempDir
  private Path folder;

  @Test
  void packagesImportedOnDemandNameNothingTwice() {
    String imports = exports().map(exported -> "import " + exported + ".*;").collect(Collectors.joining("\n"));
    assertThat(clashes(imports)).isEmpty();
  }

  @Test
  void importedModulesNameNothingTwice() {
    String imports = Code.libraries()
        .map(module -> "import module " + Code.module(module).descriptor().name() + ";")
        .collect(Collectors.joining("\n"));
    assertThat(clashes(imports)).isEmpty();
  }

  private static Stream<String> exports() {
    return Code.libraries().flatMap(module -> Code.module(module).descriptor().exports().stream())
        .filter(exported -> !exported.isQualified()).map(Exports::source).sorted();
  }

  /// The names that the compiler does not know where to look for.
  private Set<String> clashes(String imports) {
    Set<String> exported = exports().collect(Collectors.toSet());
    List<String> names = Code.types().stream()
        .filter(type -> exported.contains(type.packageName()) && Code.isVisible(type.load())
            && type.load().getEnclosingClass() == null)
        .map(type -> type.load().getSimpleName()).toList();
    assertThat(names).contains("Tensor", "Variable", "Linear").hasSizeGreaterThan(60);
    String uses = names.stream().map(name -> "    " + name + ".class").collect(Collectors.joining(",\n"));
    String program = "import module java.base;\n" + imports + "\nclass Program {\n  Class<?>[] types = {\n" + uses
        + "};\n}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options = List.of("-proc:none", "-d", folder.toString(), "-p", Code.modulePath(),
        "--add-modules", "rewind.onnx,rewind.report,rewind.testing");
    boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(new Source(program))).call();
    Set<String> found = AMBIGUOUS.matcher(messages.toString()).results()
        .map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    assertThat(compiled || !found.isEmpty()).as(messages::toString).isTrue();
    return found;
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}

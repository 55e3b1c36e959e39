package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet.Status;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/// A session of jshell in this process, with the modules of the library.
final class Session implements AutoCloseable {
  private static final Pattern EXPECTED = Pattern.compile("(.*?)\\s*// (==>|throws) (.*)\n?", Pattern.DOTALL);

  private final JShell shell = JShell.builder().executionEngine("local")
      .compilerOptions("--module-path", Program.modulePath(), "--add-modules", "rewind.report").build();

  Session() throws Exception {
    for (String imported : List.of("java.util.*", "java.util.stream.*", "java.io.*", "java.nio.file.*")) { // as jshell
      run("import " + imported + ";");
    }
    run("import module rewind.nn;");
    run("String shapeOf(Object x) { return x instanceof Variable v ? v.shape().toString() : x instanceof Tensor t "
        + "? t.shape().toString() : x instanceof List<?> l ? l.size() + \" x \" + shapeOf(l.getFirst()) : x.toString(); }");
  }

  /// Runs a block of code; what it printed.
  String run(String code) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      StringBuilder open = new StringBuilder();
      for (String line : code.lines().toList()) {
        open.append(line).append('\n');
        if (shell.sourceCodeAnalysis().analyzeCompletion(open.toString()).completeness().isComplete()) {
          evaluate(open.toString());
          open.setLength(0);
        }
      }
      assertThat(open.toString()).as("incomplete").isBlank();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private void evaluate(String lines) throws Exception {
    Matcher expected = EXPECTED.matcher(lines);
    if (!expected.matches()) {
      valueOfAll(lines);
    } else if (expected.group(2).equals("==>")) {
      assertThat(valueOfAll(expected.group(1))).as(lines).isEqualTo(expected.group(3).strip());
    } else {
      JShellException thrown = eval(expected.group(1)).exception();
      assertThat(thrown).as(lines).hasMessageStartingWith(expected.group(3).strip());
    }
  }

  private String valueOfAll(String code) throws Exception {
    String value = "";
    for (String rest = code; !rest.isBlank();) {
      CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      SnippetEvent event = eval(next.source() == null ? rest : next.source());
      if (event.exception() != null) {
        throw new AssertionError(code, event.exception());
      }
      value = event.value() == null ? value : event.value();
      rest = next.source() == null || next.remaining() == null ? "" : next.remaining();
    }
    return value;
  }

  /// The shape of an expression's value: of a variable, a tensor, or of the elements of a list, as `3 x [2, 4]`.
  String shapeOf(String expression) throws Exception {
    String quoted = valueOfAll("shapeOf(" + expression + ")");
    return quoted.substring(1, quoted.length() - 1);
  }

  private SnippetEvent eval(String source) {
    SnippetEvent event = shell.eval(source).getFirst();
    assertThat(event.status()).as("%s: %s", source,
        shell.diagnostics(event.snippet()).map(d -> d.getMessage(null)).toList()).isEqualTo(Status.VALID);
    return event;
  }

  @Override
  public void close() {
    shell.close();
  }
}

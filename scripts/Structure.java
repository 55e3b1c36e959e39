import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Prints the size of the main code, to be compared before and after a change:
///
/// ```
/// java scripts/Structure.java
/// ```
///
/// A line counts if it is neither blank nor a comment. Run it from the root of the repository.
public final class Structure {
  private static final List<String> MODULES =
      List.of("core-tensor", "autograd", "testing", "nn", "onnx", "report", "examples-charrnn");
  private static final Pattern TYPE =
      Pattern.compile("^\\s*public (?:(?:static|final|abstract|sealed|non-sealed) "
          + ")*(?:class|interface|record|enum|@interface) ");
  private static final Pattern METHOD =
      Pattern.compile("^ +(?:(?:public|default) (?:(?:static|final|abstract|synchronized) )*)(?:<.*> )?[\\w.<>\\[\\], "
          + "?&]+ \\w+\\(.*");

  private Structure() {}

  private record Source(Path path, List<String> code) {
    static Source of(Path path) {
      try {
        List<String> code = new ArrayList<>();
        boolean inComment = false;
        for (String line : Files.readAllLines(path)) {
          String text = line.strip();
          boolean starts = text.startsWith("/*");
          if (!text.isEmpty() && !inComment && !starts && !text.startsWith("//")) {
            code.add(line);
          }
          inComment = (inComment || starts) && !text.contains("*/");
        }
        return new Source(path, code);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(path.toString(), e);
      }
    }

    int lines() {
      return code.size();
    }

    long matching(Pattern pattern) {
      return code.stream().filter(line -> pattern.matcher(line).find()).count();
    }
  }

  public static void main(String[] args) throws IOException {
    List<Source> all = new ArrayList<>();
    System.out.printf("%-18s %6s %6s %7s %7s %s%n", "module", "files", "lines", "types", "methods", "largest");
    for (String module : MODULES) {
      List<Source> sources = sources(Path.of(module, "src", "main", "java"));
      print(module, sources);
      all.addAll(sources);
    }
    print("all", all);

    Map<String, Integer> folders = new TreeMap<>();
    all.forEach(source -> folders.merge(source.path.getParent().toString(), 1, Integer::sum));
    System.out.println("\nfolders of more than 25 files:");
    folders.forEach((folder, files) -> {
      if (files > 25) {
        System.out.printf("%6d %s%n", files, folder);
      }
    });

    System.out.println("\nlines that declare an operation:");
    Path autograd = Path.of("autograd", "src", "main", "java");
    for (String operation : List.of("matmul", "linear", "tanh", "times", "split", "gather")) {
      System.out.printf("%6d %s%n", declaration(sources(autograd), operation), operation);
    }
    long wide = 0;
    for (Source source : all) {
      wide += Files.readAllLines(source.path).stream().filter(line -> line.length() > 120).count();
    }
    System.out.printf("%n%6d lines of more than 120 columns%n", wide);
  }

  private static List<Source> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().map(Source::of).toList();
    }
  }

  private static void print(String name, List<Source> sources) {
    Source largest = sources.stream().max(Comparator.comparingInt(Source::lines)).orElseThrow();
    System.out.printf("%-18s %6d %6d %7d %7d %s %d%n", name, sources.size(),
        sources.stream().mapToInt(Source::lines).sum(),
        sources.stream().mapToLong(source -> source.matching(TYPE)).sum(),
        sources.stream().mapToLong(source -> source.matching(METHOD)).sum(),
        largest.path.getFileName(), largest.lines());
  }

  /// The lines of the longest method of that name; what it calls by another name is not counted.
  private static int declaration(List<Source> sources, String operation) {
    int longest = 0;
    Pattern start = Pattern.compile("^  (?:static|default|private) (?:Variable|List<Variable>) " + operation + "\\(");
    for (Source source : sources) {
      boolean within = false;
      int lines = 0;
      for (String line : source.code) {
        Matcher matcher = start.matcher(line);
        if (matcher.find()) {
          within = true;
          lines = 0;
        }
        lines += within ? 1 : 0;
        longest = Math.max(longest, lines);
        within &= !line.equals("  }");
      }
    }
    return longest;
  }
}

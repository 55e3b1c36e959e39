package dev.rewind.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the documentation shows is what is compiled and tested here.
class GuideTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySnippetIsPartOfATest() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "autograd.md"));
    String tests = withoutIndentation(
        Files.readString(Path.of("src", "test", "java", "dev", "rewind", "guide", "ClassicUsesTest.java")));
    List<String> snippets = SNIPPET.matcher(guide).results().map(GuideTest::code).toList();
    assertThat(snippets).hasSizeGreaterThan(5).allSatisfy(snippet -> assertThat(tests).contains(snippet));
  }

  private static String code(MatchResult snippet) {
    return withoutIndentation(snippet.group(1));
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}

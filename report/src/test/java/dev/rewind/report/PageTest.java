package dev.rewind.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The page in a browser: the system's Chromium without a window.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private Playwright playwright;
  private Browser browser;
  private Path folder;

  private final List<String> asked = new ArrayList<>(); // of the network
  private final List<String> said = new ArrayList<>(); // on the console, and alerts

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    folder = directory;
    Optional<Path> chromium = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome").map(Path::of).filter(Files::exists).findFirst();
    assumeTrue(chromium.isPresent(), "the page is not tried in a browser: there is no Chromium; install one, as by "
        + "apt-get install chromium");
    Pages.report().write(folder.resolve("page.html"));
    playwright = Playwright
        .create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium.get())
        .setChromiumSandbox(false));
  }

  @AfterAll
  void stop() {
    if (playwright != null) {
      playwright.close();
    }
  }

  @AfterEach
  void theNetworkIsNotAskedAndNothingGoesWrong() {
    assertThat(asked).allMatch(url -> url.equals(folder.resolve("page.html").toUri().toString())
        || url.startsWith("file:///") && url.endsWith("/page.html"));
    assertThat(said).isEmpty();
    asked.clear();
  }

  private Page open(Browser.NewContextOptions options) {
    BrowserContext context = browser.newContext(options.setOffline(true));
    Page page = context.newPage();
    page.onRequest(request -> asked.add(request.url()));
    page.onConsoleMessage(message -> said.add(message.text()));
    page.onPageError(said::add);
    page.onDialog(dialog -> {
      said.add(dialog.message());
      dialog.dismiss();
    });
    page.navigate(folder.resolve("page.html").toUri().toString());
    return page;
  }

  private Page open() {
    return open(new Browser.NewContextOptions().setViewportSize(1280, 900));
  }

  @Test
  void curvesHaveTheMetricsValues() {
    Page page = open();
    double[] x = Pages.metrics().column("iteration");
    double[] loss = Pages.metrics().column("train_loss");
    List<double[]> points = points(page, "#chart-loss path.faint");
    assertThat(points).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(points.get(i)[0]).isCloseTo(1000 * (x[i] - 1) / 4, within(0.06));
      // Linear in the loss; larger is higher, which is less in SVG.
      assertThat((points.get(0)[1] - points.get(i)[1]) / (points.get(0)[1] - points.get(4)[1]))
          .isCloseTo((loss[0] - loss[i]) / (loss[0] - loss[4]), within(1e-3));
    }
    assertThat(points.get(4)[1]).isGreaterThan(points.get(0)[1]);
    List<double[]> validation = points(page, "#chart-loss path.joined");
    assertThat(validation).extracting(point -> point[0]).containsExactly(500., 1000.);
    assertThat(validation.get(1)[1]).isCloseTo(points.get(2)[1], within(0.06)); // both are 2.5
  }

  private static List<double[]> points(Page page, String selector) {
    List<double[]> points = new ArrayList<>();
    for (String point : page.locator(selector).getAttribute("d").substring(1).split("L")) {
      String[] numbers = point.split(" ");
      points.add(new double[] {Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1])});
    }
    return points;
  }

  @Test
  void aChartTellsItsNumbersToPointerAndKeys() {
    Page page = open();
    Locator plot = page.locator("#chart-loss .plot");
    plot.hover();
    assertThat(page.locator("#chart-loss output").textContent())
        .isEqualTo("3: train loss 2.5, its mean over 1 2.5, validation loss 2.75");
    page.mouse().move(0, 0);
    assertThat(page.locator("#chart-loss output").textContent()).startsWith("train loss from 4.5 to 2;");
    page = open();
    page.locator("#chart-loss .plot").focus();
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator("#chart-loss output").textContent()).startsWith("5: train loss 2,");
    assertThat(page.locator("#chart-3 output").textContent()).isEqualTo("gradient norm from 0.5 to 0.25");
  }

  @Test
  void coloursFollowTheChosenUnitAndItsNumbersAreTheTraces() {
    Page page = open();
    Map<String, Tensor> signals = Pages.seen().signals();
    requireColours(page, "layer 0", "hidden state h", 3, signals.get("0.h"));
    requireColours(page, "layer 1", "cell state c", 4, signals.get("1.c"));
    requireColours(page, "layer 1", "forget gate f", 0, signals.get("1.f"));
    page.locator("#next").click();
    assertThat(page.locator("#unit").inputValue()).isEqualTo("1");
    requireNumber(page, signals.get("1.f"), 1, 0);
    page.locator("#previous").click();
    requireNumber(page, signals.get("1.f"), 0, 0);
  }

  /// Chooses a unit and compares all symbols for which the page has its values.
  private static void requireColours(Page page, String layer, String quantity, int unit, Tensor signal) {
    page.locator("#quantity").selectOption(quantity);
    page.locator("#layer").selectOption(layer);
    page.locator("#unit").fill(Integer.toString(unit));
    page.locator("#unit").blur();
    double[] wanted = values(signal, unit);
    double high = Arrays.stream(wanted).map(Math::abs).max().getAsDouble();
    double low = Arrays.stream(wanted).min().getAsDouble();
    boolean signed = low < 0;
    List<String> classes = classes(page);
    assertThat(classes).hasSameSizeAs(Pages.IDS);
    assertThat(new HashSet<>(classes.subList(0, 500))).hasSizeGreaterThan(4);
    for (int t = 0; t < classes.size() && !classes.get(t).equals("beyond"); t++) {
      double level = Integer.parseInt(classes.get(t).substring(1)) / 9.0 * (classes.get(t).startsWith("n") ? -1 : 1);
      assertThat(level).as("symbol %d", t).isCloseTo(signed ? wanted[t] / high : (wanted[t] - low) / (high - low),
          within(0.5 / 9 + 1.0 / 255));
    }
    boolean isFound = Pages.findings().stream().anyMatch(f -> f.unit() == unit
        && values(Pages.seen().signals().get(f.signal()), unit)[7] == wanted[7]);
    assertThat(classes.indexOf("beyond")).isEqualTo(isFound ? -1 : 500);
    requireNumber(page, signal, unit, 17);
  }

  private static double[] values(Tensor signal, int unit) {
    return signal.select(1, unit).to(DType.FLOAT64).toDoubles();
  }

  private static List<String> classes(Page page) {
    return Arrays.stream(((String) page.evaluate(
        "[...document.querySelectorAll('#text span')].map(s => s.className.split(' ')[0]).join()")).split(","))
        .toList();
  }

  /// Compares the number that is shown for a symbol, kept as a byte and shown with three digits.
  private static void requireNumber(Page page, Tensor signal, int unit, int t) {
    page.locator("#text span").nth(t).hover();
    double[] wanted = values(signal, unit);
    double size = Arrays.stream(wanted).map(Math::abs).max().getAsDouble();
    String shown = page.locator("#panel .value").textContent();
    assertThat(shown).contains("unit " + unit + ": ");
    assertThat(Double.parseDouble(shown.substring(shown.lastIndexOf(' ')))).isCloseTo(wanted[t],
        within(2 * size / 510 + 0.0006));
  }

  @Test
  void aCardChoosesItsUnit() {
    Page page = open();
    Finding first = Pages.findings().getFirst();
    Finding last = Pages.findings().getLast();
    assertThat(page.locator(".card").count()).isEqualTo(Pages.findings().size()).isGreaterThan(1);
    assertThat(page.locator("#unit").inputValue()).isEqualTo(Integer.toString(first.unit()));
    page.locator(".card button").last().click();
    assertThat(page.locator("#unit").inputValue()).isEqualTo(Integer.toString(last.unit()));
    assertThat(page.locator("#layer").inputValue()).isEqualTo("layer " + last.signal().substring(0, 1));
    assertThat(classes(page)).doesNotContain("beyond");
    String from = page.locator(".card button").last().getAttribute("data-from");
    assertThat(page.locator("#panel").textContent()).contains("symbol " + (Integer.parseInt(from) + 1) + " of");
    requireNumber(page, Pages.seen().signals().get(last.signal()), last.unit(), 30);
  }

  @Test
  void aSymbolShowsTheTenLikeliestAfterItAndTheRest() {
    Page page = open();
    double[][] wanted = Pages.seen().outputs().matmul(Pages.HEAD).softmax(1).toDoubleRows();
    for (int t : new int[] {0, 1, 60, 700, Pages.IDS.length - 1}) {
      page.locator("#text span").nth(t).hover();
      List<String> rows = page.locator("#panel tr").allInnerTexts();
      assertThat(rows).hasSize(11);
      double sum = 0;
      double before = 101;
      for (String row : rows) {
        String[] cells = row.strip().split("\\s+");
        double percent = Double.parseDouble(cells[cells.length - 2]);
        sum += percent;
        if (!cells[0].equals("others")) {
          int id = Pages.SIGNS.indexOf(cells[0].equals("␣") ? " " : cells[0].equals("↵") ? "\n" : cells[0].equals("⇥")
              ? "\t" : cells[0]);
          assertThat(percent).isLessThanOrEqualTo(before + 0.06).isCloseTo(100 * wanted[t][id], within(0.06));
          before = percent;
        }
      }
      assertThat(sum).isCloseTo(100, within(0.5));
      assertThat(page.locator("#panel .came").count()).isLessThanOrEqualTo(1);
      assertThat(page.locator("#panel").textContent()).contains("symbol " + (t + 1) + " of " + Pages.IDS.length);
    }
    page.locator("#text span").nth(60).hover();
    double bits = -Math.log(wanted[59][Pages.IDS[60]]) / Math.log(2);
    assertThat(page.locator("#panel").textContent()).contains(String.format(Locale.ROOT, "%.2f bits", bits));
    page.locator("#quantity").selectOption("surprise (bits)");
    assertThat(page.locator("#unit").isDisabled()).isTrue();
    assertThat(classes(page).get(60)).isEqualTo(Markup.level(bits, 0, 8));
  }

  @Test
  void keysMoveThroughTheText() {
    Page page = open();
    page.locator("#text").focus();
    for (String key : List.of("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight")) {
      page.keyboard().press(key);
    }
    assertThat(page.locator("#panel").textContent()).contains("symbol 3 of");
    page.keyboard().press("End");
    assertThat(page.locator("#panel").textContent()).contains("symbol " + Pages.IDS.length + " of");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("Home");
    assertThat(page.locator("#panel").textContent()).contains("symbol 1 of");
  }

  @Test
  void markupInTextsIsShown() {
    Page page = open();
    assertThat(page.locator("img, body > script:not(#data):not([type=module])").count()).isZero();
    assertThat(page.locator("h1").textContent()).isEqualTo("A page about " + Pages.MARKUP);
    assertThat(page.locator(".sample pre").first().textContent()).isEqualTo(Pages.MARKUP);
    assertThat(page.locator("#text").textContent()).isEqualTo(Pages.TEXT);
  }

  @Test
  void withoutScriptsCurvesSamplesCardsAndTextStay() {
    Page page = open(new Browser.NewContextOptions().setJavaScriptEnabled(false));
    for (String selector : List.of("#chart-loss path.faint", ".sample pre >> nth=0", ".card pre i >> nth=0", "#text",
        ".plane span >> nth=0", ".histogram >> nth=0", "noscript")) {
      assertThat(page.locator(selector).isVisible()).as(selector).isTrue();
    }
    assertThat(page.locator(".controls").isVisible()).isFalse();
    assertThat(page.locator(".card button").first().isVisible()).isFalse();
    assertThat(page.locator("#text").textContent()).isEqualTo(Pages.TEXT);
  }

  @ParameterizedTest
  @EnumSource(value = ColorScheme.class, names = {"LIGHT", "DARK"})
  void textHasContrastOnEveryColour(ColorScheme scheme) {
    Page page = open(new Browser.NewContextOptions().setColorScheme(scheme));
    Map<?, ?> contrasts = (Map<?, ?>) page.evaluate(
        """
            () => {
              const rgb = css => { // as drawn, on the page's background
                const context = document.createElement('canvas').getContext('2d');
                context.fillStyle = getComputedStyle(document.body).backgroundColor;
                context.fillRect(0, 0, 1, 1);
                context.fillStyle = css;
                context.fillRect(0, 0, 1, 1);
                return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
              };
              const light = css => rgb(css).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
              const contrast = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
              const found = {};
              for (const level of [...'123456789'].flatMap(n => ['p' + n, 'n' + n])) {
                const made = document.querySelector('#text').appendChild(document.createElement('span'));
                made.className = level;
                found[level] = contrast(getComputedStyle(made).color, getComputedStyle(made).backgroundColor);
              }
              for (const selector of ['.quiet', 'figcaption', '#text', 'a', '.vowel', '.lower']) {
                found[selector] = contrast(getComputedStyle(document.querySelector(selector)).color, 'transparent');
              }
              return found;
            }""");
    assertThat(contrasts).hasSize(24).allSatisfy((what, contrast) -> assertThat(((Number) contrast).doubleValue())
        .as(what.toString()).isGreaterThanOrEqualTo(4.5));
  }

  @Test
  void aPhoneNeedsNoScrollingSideways() {
    Page page = open(new Browser.NewContextOptions().setViewportSize(390, 800));
    assertThat((int) page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
    assertThat(page.locator("#chart-loss .plot").boundingBox().width).isGreaterThan(250);
  }

  @Test
  void printedItHasTheWholeTextAndNoControls() {
    Page page = open();
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
    assertThat(page.locator(".controls").isVisible()).isFalse();
    assertThat((boolean) page.evaluate("(b => b.scrollHeight <= b.clientHeight + 1)(document.querySelector('#text'))"))
        .isTrue();
  }

  @Test
  void theScriptsFunctionsKeepWhatTheySay() throws IOException {
    Page page = browser.newPage();
    String script;
    try (InputStream in = Report.class.getResourceAsStream("report.js")) {
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Object results = page.evaluate("""
        async script => {
          const m = await import(URL.createObjectURL(new Blob([script], {type: 'text/javascript'})));
          return [
            [[5], 9], [[1, 2, 4], -3], [[1, 2, 4], 2.9], [[1, 2, 4], 3.1], [[1, 2, 4], 9], [[1, 2], 1.5],
          ].map(([xs, x]) => m.nearest(xs, x)).concat([...m.words('AQD//wAB')], [
            m.level(0, -2, 2), m.level(-2, -2, 2), m.level(1, -2, 2), m.level(0.5, 0.5, 0.5), m.level(0.75, 0.5, 1),
            m.shown(' '), m.shown('\\r'), m.shown('x'), m.digits(0.123456), m.digits(12345.6), m.digits(-2),
          ]);
        }""", script);
    assertThat((List<?>) results).map(Object::toString).containsExactly("0", "0", "1", "2", "2", "0", "1", "65535",
        "256", "p0", "n9", "p5", "p0", "p5", "␣", "␍", "x", "0.1235", "12,346", "-2");
    for (double value : new double[] {-1, -0.51, -0.05, 0, 0.06, 0.3, 0.9, 1, 1.5}) {
      for (double low : new double[] {-1, 0, 0.3}) {
        assertThat(page.evaluate("""
            async ([script, value, low]) => {
              const m = await import(URL.createObjectURL(new Blob([script], {type: 'text/javascript'})));
              return m.level(value, low, 1);
            }""", List.of(script, value, low))).isEqualTo(Markup.level(value, low, 1));
      }
    }
  }
}

package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.jobs.progress.Units;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plots of a page in a browser. */
@Tag("slow")
class PlotScriptTest {
    private static final String PAGE = RunReport.html(RunMetrics.parse("m", MadeUpRun.metrics()), "", Html.NOTHING);

    @TempDir
    private Path folder;

    private Chromium browser;

    @BeforeEach
    void findBrowser() {
        browser = new Chromium(folder);
    }

    @Test
    void withoutAnyChoiceThePlotsStayAsTheyWere() throws Exception {
        Document before = Jsoup.parse(PAGE);
        Document after = opened(PAGE, 1000);
        assertThat(after.select("form.tools")).hasSize(1);
        assertThat(ticks(after)).isEqualTo(ticks(before));
        assertThat(after.select("svg").get(0).select("polyline, circle").eachAttr("class"))
                .isEqualTo(
                        before.select("svg").get(0).select("polyline, circle").eachAttr("class"));
        List<double[]> drawn = points(before);
        List<double[]> redrawn = points(after);
        assertThat(redrawn).hasSameSizeAs(drawn);
        for (int i = 0; i < drawn.size(); i++) {
            assertThat(redrawn.get(i)).as("curve %d", i).containsExactly(drawn.get(i), offset(0.11));
        }
    }

    @Test
    void choicesChangeAxesAndSmoothCurves() throws Exception {
        Document page = opened(
                scripted(
                        "set('log', 'checked', true); set('smoothing', 'value', 0.9); set('over', 'value', 'tokens');"),
                1000);
        Element loss = page.select("figure[data-plot] svg").get(0);
        assertThat(loss.select("text").eachText())
                .contains("tokens", "10", "5,000,000")
                .doesNotContain("step");
        assertThat(loss.select("polyline").eachAttr("class")).containsExactly("c0 faint", "c0");
        List<double[]> curves = points(page).subList(0, 2);
        assertThat(roughness(curves.get(1))).as("smoothed").isLessThan(0.3 * roughness(curves.get(0)));

        page = opened(scripted("set('over', 'value', 'time');"), 1000);
        assertThat(page.select("figure[data-plot] svg").get(0).select("text").eachText())
                .contains("time", "3 min 20 s");
    }

    @Test
    void choicesOutliveAReload() throws Exception {
        String page = opened(
                        scripted("set('over', 'value', 'tokens'); set('log', 'checked', true);"
                                + " document.documentElement.dataset.address = location.hash;"),
                        1000)
                .select("html")
                .attr("data-address");
        assertThat(page).isEqualTo("#over=tokens&log=true&smoothing=0");
        Document reloaded = Jsoup.parse(browser.open(PAGE, 1000, page).dom());
        assertThat(reloaded.select("figure[data-plot] svg")
                        .get(0)
                        .select("text")
                        .eachText())
                .contains("tokens", "10")
                .doesNotContain("step");
        Document odd = Jsoup.parse(
                browser.open(PAGE, 1000, "#over=constructor&smoothing=x&log=").dom());
        assertThat(ticks(odd)).isEqualTo(ticks(Jsoup.parse(PAGE)));
    }

    @Test
    void thePointerIsAnsweredWithTheNearestValues() throws Exception {
        Document page = opened(
                scripted("const svg = document.querySelector('figure[data-plot] svg');"
                        + "const box = svg.getBoundingClientRect();"
                        // the step 500 of 1 to 1,000
                        + "const x = box.left + (76 + (860 - 76 - 26) * 499 / 999) * box.width / 860;"
                        + "svg.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: box.top + 50}));"),
                1000);
        Element tip = page.select("figure[data-plot] .tip").get(0);
        assertThat(tip.hasAttr("hidden")).isFalse();
        assertThat(tip.ownText()).isEqualTo("step 500");
        assertThat(tip.select("div div").eachText())
                .hasSize(2)
                .anyMatch(row -> row.startsWith("training: "))
                .contains("validation: " + Units.digits(MadeUpRun.smoothLoss(500) + 0.05));
        assertThat(tip.attr("style"))
                .as("beside the pointer, below the caption")
                .matches("top: [23]\\d(\\.\\d+)?px; left: [345]\\d\\d(\\.\\d+)?px;");
        assertThat(page.select("svg .cursor").get(0).attr("visibility")).isEqualTo("visible");
    }

    @Test
    void nothingIsWiderThanAPhone() throws Exception {
        String probe = scripted("document.documentElement.dataset.wide ="
                + " document.documentElement.scrollWidth > document.documentElement.clientWidth;");
        // the headless window is at least 500 pixels wide, so the page is squeezed itself
        Document page = opened(probe.replace("<main>", "<main style=\"width: 390px\">"), 500);
        assertThat(page.select("html").attr("data-wide")).isEqualTo("false");
        assertThat(page.select("figure[data-plot] svg").attr("viewBox"))
                .as("drawn for the width that there is")
                .isEqualTo("0 0 350 300");
    }

    /** The policy of a page lets its own script run, and no other one. */
    @Test
    void thePolicyAllowsNoOtherScript() throws Exception {
        String other = PAGE.replace("</body>", "<script>document.documentElement.dataset.other = 1</script></body>");
        Chromium.Opened opened = browser.open(other, 1000);
        assertThat(opened.dom()).contains("class=\"tools\"").doesNotContain("data-other=");
        assertThat(opened.console()).anyMatch(line -> line.contains("Content Security Policy"));
    }

    /** The page without its policy, which runs {@code script} when all is drawn. */
    private static String scripted(String script) {
        return PAGE.replaceAll("<meta http-equiv[^>]*>", "")
                .replace(
                        "</body>",
                        "<script>{ const set = (name, key, value) => {"
                                + " const field = document.querySelector('form.tools').elements[name];"
                                + " field[key] = value; field.dispatchEvent(new Event('input')); };"
                                + script + "}</script></body>");
    }

    private Document opened(String page, int width) throws Exception {
        Chromium.Opened opened = browser.open(page, width);
        assertThat(opened.console()).isEmpty();
        return Jsoup.parse(opened.dom());
    }

    private static List<String> ticks(Document page) {
        return page.select("svg text").eachText();
    }

    private static List<double[]> points(Document page) {
        return page.select("svg polyline").eachAttr("points").stream()
                .map(points -> List.of(points.trim().split("[ ,]")).stream()
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }

    /** Mean distance of a point from the middle of its neighbours. */
    private static double roughness(double[] points) {
        return IntStream.range(1, points.length / 2 - 1)
                .mapToDouble(i -> Math.abs(points[2 * i + 1] - (points[2 * i - 1] + points[2 * i + 3]) / 2))
                .average()
                .orElse(0);
    }
}

package org.hopespark.cluster.spark;

import java.util.function.Supplier;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;

/** The tab "Hope" of Spark's web interface. */
final class RunTab extends SparkUITab {
    // the element is replaced, not the page reloaded: what is selected elsewhere and the place on the page stay
    private static final String REFRESH = """
            <script>
            setInterval(async () => {
              const old = document.getElementById('hope-run');
              try {
                const text = await (await fetch(location)).text();
                old.replaceWith(new DOMParser().parseFromString(text, 'text/html').getElementById('hope-run'));
              } catch (gone) {
                old.style.opacity = 0.5;
              }
            }, 3000);
            </script>
            """;

    RunTab(SparkUI ui, Supplier<String> html) {
        super(ui, "hope");
        attachPage(new RunPage(this, () -> "<div id=\"hope-run\">" + html.get() + "</div>" + REFRESH));
    }
}

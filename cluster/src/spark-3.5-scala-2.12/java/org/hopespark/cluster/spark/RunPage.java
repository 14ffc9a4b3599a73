package org.hopespark.cluster.spark;

import javax.servlet.http.HttpServletRequest;
import java.util.function.Supplier;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.collection.Seq;
import scala.xml.Node;

/** The tab's page. Spark 3.5 and 4 differ in the servlet's package, Scala 2.12 and 2.13 in that of {@code Seq}. */
final class RunPage extends WebUIPage {
    private final SparkUITab tab;
    private final Supplier<String> html;

    RunPage(SparkUITab tab, Supplier<String> html) {
        super("");
        this.tab = tab;
        this.html = html;
    }

    @Override
    public Seq<Node> render(HttpServletRequest request) {
        return UIUtils.headerSparkPage(
                request,
                tab.name(),
                () -> ScalaApi.nodes(html.get()).toSeq(),
                tab,
                ScalaApi.nothing(),
                false,
                false);
    }
}

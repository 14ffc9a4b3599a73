package org.hopespark.cluster.spark;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.Function0;
import scala.collection.immutable.Seq;
import scala.xml.Node;

/** The tab's page. Spark 3.5 and 4 differ in the servlet's package, Scala 2.12 and 2.13 in that of {@code Seq}. */
final class RunPage extends WebUIPage {
    /** What Spark puts around a page; found by its name, since it has one flag more in Spark 4.2 than in 4.1. */
    private static final Method HEADER = Arrays.stream(UIUtils.class.getMethods())
            .filter(method -> method.getName().equals("headerSparkPage"))
            .findFirst()
            .orElseThrow();

    private final SparkUITab tab;
    private final Supplier<String> html;

    RunPage(SparkUITab tab, Supplier<String> html) {
        super("");
        this.tab = tab;
        this.html = html;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Seq<Node> render(HttpServletRequest request) {
        Function0<Seq<Node>> content = () -> ScalaApi.nodes(html.get()).toSeq();
        Object[] arguments = new Object[HEADER.getParameterCount()];
        Arrays.fill(arguments, false);
        System.arraycopy(new Object[] {request, tab.name(), content, tab, ScalaApi.nothing()}, 0, arguments, 0, 5);
        try {
            return (Seq<Node>) HEADER.invoke(null, arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

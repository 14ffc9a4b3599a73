package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Test;

final class RunDisplayTest {
    private static final ClusterConfig CONFIG = ClusterConfig.of(
            Settings.parse("test", "{timeout-seconds: 30, start-timeout-seconds: 3, max-failures: 2}"));

    private double loss = 5.5;

    @Test
    void aRunIsSeenInThePrometheusServletAndInATabOfTheWebInterface() throws Exception {
        SparkConf conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("display")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.port", "0")
                .set("spark.metrics.namespace", "hope")
                .set(
                        "spark.metrics.conf.driver.sink.prometheusServlet.class",
                        "org.apache.spark.metrics.sink.PrometheusServlet")
                .set("spark.metrics.conf.driver.sink.prometheusServlet.path", "/metrics/prometheus");
        try (JavaSparkContext spark = new JavaSparkContext(Gang.configure(conf, CONFIG))) {
            String ui = ScalaApi.ui(spark.sc()).orElseThrow().webUrl();
            assertThat(get(ui, "/metrics/prometheus/"))
                    .contains(gauge("runs", 0))
                    .doesNotContain("HopePlugin_loss");
            assertThat(get(ui, "/jobs/")).doesNotContain("/hope");

            HopePlugin.show(view(Map.of("loss", () -> loss, "level-2.bytes-sent", () -> Double.NaN), "first"));
            assertThat(get(ui, "/metrics/prometheus/"))
                    .contains(gauge("runs", 1), gauge("loss", 5.5), gauge("level_2_bytes_sent", Double.NaN));
            assertThat(get(ui, "/metrics/json/")).contains("HopePlugin.level-2.bytes-sent");
            loss = 5.25;
            assertThat(get(ui, "/metrics/prometheus/")).contains(gauge("loss", 5.25));
            assertThat(get(ui, "/jobs/")).contains("/hope");
            assertThat(get(ui, "/hope/")).contains("<b>first</b>", "<title>display - Hope</title>");

            HopePlugin.show(view(Map.of("rank-0.data-seconds", () -> 1), "second"));
            assertThat(get(ui, "/metrics/prometheus/"))
                    .contains(gauge("runs", 2), gauge("rank_0_data_seconds", 1.0))
                    .doesNotContain("HopePlugin_loss");
            assertThat(get(ui, "/hope/")).contains("<b>second</b>").doesNotContain("<b>first</b>");
        }
    }

    private static String gauge(String name, Object value) {
        return "metrics_hope_driver_plugin_org_hopespark_cluster_spark_HopePlugin_" + name + "_Value{type=\"gauges\"} "
                + value;
    }

    private static RunView view(Map<String, DoubleSupplier> gauges, String text) {
        return new RunView() {
            @Override
            public Map<String, DoubleSupplier> gauges() {
                return gauges;
            }

            @Override
            public String page() {
                return "<b>" + text + "</b>";
            }
        };
    }

    private static String get(String ui, String path) throws IOException, InterruptedException {
        URI base = URI.create(ui);
        URI local = URI.create("http://127.0.0.1:" + base.getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(local).build(), BodyHandlers.ofString())
                .body();
    }
}

package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AskedSlotsTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "?",
            value = {
                "'local-cluster[4,1,1024]', '', 4",
                "'local-cluster[2, 4, 1024]', 'spark.task.cpus=2', 4",
                "yarn, 'spark.executor.instances=8', 8",
                "yarn, 'spark.executor.instances=3\nspark.executor.cores=4', 12",
                "yarn, 'spark.executor.instances=3\nspark.executor.cores=8\nspark.task.cpus=4', 6",
                "k8s://x, 'spark.executor.instances=2\nspark.executor.cores=8\nspark.executor.resource.gpu.amount=4"
                        + "\nspark.task.resource.gpu.amount=1', 8",
                "spark://x, 'spark.cores.max=6\nspark.task.cpus=2', 3",
                "spark://x, '', ?",
                "'local[*]', '', ?",
            })
    void theNumberThatTheSettingsAskFor(String master, String settings, Integer slots) {
        SparkConf conf = new SparkConf(false).set("spark.master", master);
        settings.lines()
                .forEach(setting -> conf.set(
                        setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1)));
        assertThat(RequestedSlots.of(conf)).isEqualTo(slots == null ? OptionalInt.empty() : OptionalInt.of(slots));
    }
}

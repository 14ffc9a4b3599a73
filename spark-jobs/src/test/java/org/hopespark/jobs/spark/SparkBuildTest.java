package org.hopespark.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparkBuildTest {
    private static final SparkBuild SPARK_4 = new SparkBuild("4.1.3", "2.13");

    @Test
    void oneJarRunsOnAllOfSpark4() {
        assertThat(SPARK_4.problemOn(new SparkBuild("4.0.4", "2.13"))).isEmpty();
        assertThat(SPARK_4.problemOn(new SparkBuild("4.2.0", "2.13"))).isEmpty();
    }

    @Test
    void anotherMajorVersionOrAnotherScalaIsRefusedByName() {
        SparkBuild spark3 = new SparkBuild("3.5.9", "2.12");

        assertThat(spark3.problemOn(SPARK_4))
                .hasValue("this jar is built for Spark 3.5.9 with Scala 2.12, and this is Spark 4.1.3 with Scala 2.13:"
                        + " submit the jar of the build for it, which cluster/deploy/README.md names");
        assertThat(spark3.problemOn(new SparkBuild("3.5.9", "2.13"))).isPresent();
    }
}

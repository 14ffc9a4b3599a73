package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DriverExitTest {
    @Test
    void sparkSubmitAndYarnHearOfTheCode() {
        System.setProperty("spark.master", "yarn");
        try {
            assertThat(DriverExit.with(10).exitCode()).isEqualTo(10);
        } finally {
            System.clearProperty("spark.master");
        }
    }
}

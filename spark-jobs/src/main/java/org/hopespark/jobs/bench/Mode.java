package org.hopespark.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hopespark.conf.RunConfig;

/**
 * A way to exchange what is learned.
 *
 * @param name in the table
 * @param settings what it makes of a configuration
 */
record Mode(String name, UnaryOperator<RunConfig> settings) {
    static final Mode FULL =
            new Mode("every level at every step", config -> everyStep(config).with(List.of("exchange.overlap=false")));
    static final Mode OVERLAP =
            new Mode("level-wise, overlap", config -> config.with(List.of("exchange.overlap=true")));

    static final List<Mode> ALL =
            List.of(FULL, new Mode("level-wise", config -> config.with(List.of("exchange.overlap=false"))), OVERLAP);

    private static RunConfig everyStep(RunConfig config) {
        List<String> periods = new ArrayList<>();
        for (int i = 0; i < config.levels().size(); i++) {
            periods.add("levels." + i + ".period-steps=1");
        }
        return config.with(periods);
    }
}

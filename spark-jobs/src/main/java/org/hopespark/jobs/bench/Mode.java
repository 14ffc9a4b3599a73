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
    private static final long LEAST_PERIOD_OF_SLOW = 4;

    static final Mode FULL =
            new Mode("every level at every step", config -> everyStep(config).with(List.of("exchange.overlap=false")));
    static final Mode OVERLAP =
            new Mode("level-wise, overlap", config -> config.with(List.of("exchange.overlap=true")));

    static final List<Mode> ALL = List.of(
            FULL,
            new Mode("level-wise", config -> config.with(List.of("exchange.overlap=false"))),
            OVERLAP,
            new Mode("level-wise, overlap, stagger", config -> slow(config, "stagger=true")),
            new Mode("approximate: bfloat16 wire", config -> all(config, "wire=bfloat16")),
            new Mode("approximate: int8 wire", config -> all(config, "wire=int8")),
            new Mode("approximate: delayed by 2", config -> slow(config, "delay-steps=2")));

    private static RunConfig all(RunConfig config, String setting) {
        return with(config, setting, 1);
    }

    /** Of the levels that can wait. */
    private static RunConfig slow(RunConfig config, String setting) {
        return with(config, setting, LEAST_PERIOD_OF_SLOW);
    }

    private static RunConfig with(RunConfig config, String setting, long leastPeriod) {
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < config.levels().size(); i++) {
            if (config.levels().get(i).periodSteps() >= leastPeriod) {
                settings.add("levels." + i + "." + setting);
            }
        }
        return OVERLAP.settings().apply(config).with(settings);
    }

    private static RunConfig everyStep(RunConfig config) {
        List<String> periods = new ArrayList<>();
        for (int i = 0; i < config.levels().size(); i++) {
            periods.add("levels." + i + ".period-steps=1");
        }
        return config.with(periods);
    }
}

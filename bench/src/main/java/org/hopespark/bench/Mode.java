package org.hopespark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;

/**
 * A way to exchange what is learned.
 *
 * @param key on the command line
 * @param name in the table
 * @param settings what it makes of a configuration
 */
record Mode(String key, String name, UnaryOperator<RunConfig> settings) {
    private static final long LEAST_PERIOD_OF_SLOW = 4;

    static final Mode FULL = new Mode(
            "full", "every level at every step", config -> everyStep(config).with(List.of("exchange.overlap=false")));
    static final Mode OVERLAP =
            new Mode("overlap", "level-wise, overlap", config -> config.with(List.of("exchange.overlap=true")));

    static final List<Mode> ALL = List.of(
            FULL,
            new Mode("level-wise", "level-wise", config -> config.with(List.of("exchange.overlap=false"))),
            OVERLAP,
            new Mode("stagger", "level-wise, overlap, stagger", config -> slow(config, "stagger=true")),
            new Mode("bfloat16", "approximate: bfloat16 wire", config -> all(config, "wire=bfloat16")),
            new Mode("int8", "approximate: int8 wire", config -> all(config, "wire=int8")),
            new Mode("delayed", "approximate: delayed by 2", config -> slow(config, "delay-steps=2")));

    /** The modes of some keys, in their own order. */
    static List<Mode> of(List<String> keys) {
        List<String> known = ALL.stream().map(Mode::key).toList();
        keys.stream().filter(key -> !known.contains(key)).findFirst().ifPresent(key -> {
            throw new UserException("--exchanges must be some of " + String.join(", ", known) + ", got '" + key + "'");
        });
        return ALL.stream().filter(mode -> keys.contains(mode.key)).toList();
    }

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

package org.hopespark.data.filter;

import java.util.List;
import org.hopespark.conf.GopherQualityConfig;
import org.hopespark.conf.GopherRepetitionConfig;
import org.hopespark.conf.NormaliseConfig;
import org.hopespark.conf.StageConfig;
import org.hopespark.data.Stage;

/** Stages from their settings. */
public final class Stages {
    private Stages() {}

    /** The stages in the given order; those that look at words share the work of finding them. */
    public static List<Stage> of(List<StageConfig> configs) {
        SharedShape shapes = new SharedShape();
        return configs.stream().map(config -> of(config, shapes)).toList();
    }

    private static Stage of(StageConfig config, SharedShape shapes) {
        if (config instanceof NormaliseConfig normalise) {
            return new Normalise(normalise);
        } else if (config instanceof GopherQualityConfig quality) {
            return new GopherQuality(quality, shapes);
        } else if (config instanceof GopherRepetitionConfig repetition) {
            return new GopherRepetition(repetition, shapes);
        }
        throw new IllegalArgumentException("no stage for " + config.describe());
    }
}

package org.hopespark.data.filter;

import java.util.List;
import org.hopespark.conf.C4Config;
import org.hopespark.conf.DecontaminateConfig;
import org.hopespark.conf.FinewebQualityConfig;
import org.hopespark.conf.GopherQualityConfig;
import org.hopespark.conf.GopherRepetitionConfig;
import org.hopespark.conf.LanguageConfig;
import org.hopespark.conf.NormaliseConfig;
import org.hopespark.conf.PiiConfig;
import org.hopespark.conf.StageConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;

/** Stages from their settings. */
public final class Stages {
    private Stages() {}

    /**
     * The stages in the given order; those that look at words share the work of finding them.
     *
     * @param storage where the files lie that the settings name
     * @throws UserException if there are no such files
     */
    public static List<Stage> of(List<StageConfig> configs, Storage storage) {
        SharedShape shapes = new SharedShape();
        return configs.stream().map(config -> of(config, shapes, storage)).toList();
    }

    private static Stage of(StageConfig config, SharedShape shapes, Storage storage) {
        if (config instanceof NormaliseConfig normalise) {
            return new Normalise(normalise);
        } else if (config instanceof GopherQualityConfig quality) {
            return new GopherQuality(quality, shapes);
        } else if (config instanceof GopherRepetitionConfig repetition) {
            return new GopherRepetition(repetition, shapes);
        } else if (config instanceof C4Config c4) {
            return new C4(c4);
        } else if (config instanceof FinewebQualityConfig fineweb) {
            return new FinewebQuality(fineweb, shapes);
        } else if (config instanceof PiiConfig pii) {
            return new Pii(pii);
        } else if (config instanceof DecontaminateConfig decontaminate) {
            return new Decontaminate(Evaluations.index(decontaminate, storage));
        } else if (config instanceof LanguageConfig language) {
            return new LanguageFilter(language);
        }
        throw new IllegalArgumentException("no stage for " + config.describe());
    }
}

package org.hopespark.data.corpus;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hopespark.conf.MixtureConfig;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.Glob;

/**
 * Takes the documents of a source w times in the mean: floor(w) times each, and once more those whose hash says so. The
 * hash is that of the document, so neither its place nor the number of tasks decides.
 */
public final class Mixture implements Selection, Serializable {
    private static final long serialVersionUID = 1L;

    private final MixtureConfig config;
    private transient List<Glob> patterns;

    /** A mixture by its settings. */
    public Mixture(MixtureConfig config) {
        this.config = config;
        patterns = patterns(config);
    }

    private static List<Glob> patterns(MixtureConfig config) {
        return config.weights().stream()
                .map(weight -> new Glob(weight.source()))
                .toList();
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        patterns = patterns(config);
    }

    @Override
    public Optional<StageCount> counts() {
        return Optional.of(new StageCount("mixture", 0, 0, 0, Map.of()));
    }

    @Override
    public Verdict of(long row, Document document) {
        double weight = weight(document);
        byte[] identity =
                (config.seed() + "\0" + document.source() + "\0" + document.id()).getBytes(StandardCharsets.UTF_8);
        double place = (Packing.hash(identity) >>> 11) * 0x1p-53;
        int copies = (int) weight + (place < weight - Math.floor(weight) ? 1 : 0);
        return new Verdict(copies, document, "weight of its source");
    }

    /** That of the first pattern that the source matches, 1 if it matches none. */
    private double weight(Document document) {
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).matches(document.source())) {
                return config.weights().get(i).weight();
            }
        }
        return 1;
    }
}

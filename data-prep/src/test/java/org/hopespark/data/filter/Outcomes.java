package org.hopespark.data.filter;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;

/** What stages do, as texts. */
final class Outcomes {
    private Outcomes() {}

    /** The stages of a list in YAML. */
    static List<Stage> stages(String yaml) {
        return Stages.of(
                Settings.parse("test", "stages:\n" + yaml)
                        .bind(PrepareConfig.class)
                        .stages(),
                new Storage(new Configuration()));
    }

    /** The only stage of a list in YAML. */
    static Stage stage(String yaml) {
        return stages("  - " + yaml).get(0);
    }

    /** Why a text is removed, or that it is kept. */
    static String of(Stage stage, String text) {
        return stage.apply(new Document("1", text, "test")) instanceof Remove removed ? removed.reason() : "kept";
    }

    /** What becomes of a text that is kept. */
    static String changed(Stage stage, String text) {
        return ((Keep) stage.apply(new Document("1", text, "test"))).document().text();
    }
}

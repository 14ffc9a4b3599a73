package org.hopespark.conf;

import java.lang.reflect.RecordComponent;
import java.util.StringJoiner;

/** How the tokens of one block see each other. */
public sealed interface MixerConfig
        permits TitansConfig, AttentionConfig, LinearConfig, MambaConfig, TttConfig, TitansLmmConfig {

    /** Width of one head; 0 for {@code model.head-width}. */
    default int headWidth() {
        return 0;
    }

    /** Its name, and in brackets what is not as by default. */
    default String text() {
        Record settings = (Record) this;
        Record defaults = RecordBinder.defaultOf(settings.getClass()).orElseThrow();
        StringJoiner text = new StringJoiner(", ", " (", ")").setEmptyValue("");
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            Object value = RecordBinder.read(component, settings);
            if (!value.equals(RecordBinder.read(component, defaults))) {
                String name = RecordBinder.key(component).replace('-', ' ');
                Object said = value instanceof Enum<?> constant ? RecordBinder.kebab(constant.name()) : value;
                text.add(value instanceof Boolean set ? (set ? "" : "no ") + name : name + " " + said);
            }
        }
        return RecordBinder.memberName(settings.getClass()) + text;
    }

    /**
     * What must hold of its settings within a model.
     *
     * @param headWidth its own, or that of the model
     */
    default void check(Checks checks, int width, int headWidth, int contextTokens) {
        checks.that(
                headWidth() == 0 || width % headWidth() == 0,
                "pattern: head-width " + headWidth() + " must divide width " + width);
    }

    /** Tokens at whose multiples documents must start, so that the state can restart; 0 where they start anywhere. */
    default int restartTokens(ModelConfig model) {
        return 0;
    }

    /** Whether queries and keys turn with their positions. */
    default boolean rotates() {
        return false;
    }
}

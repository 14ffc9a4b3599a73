package org.hopespark.model.eval.longcontext;

import java.util.List;

/**
 * Which needles lie in which hay.
 *
 * @param name of the task
 * @param hay what the needles are hidden in
 * @param keys what keys are made of
 * @param values what values are made of
 * @param keyCount keys that are hidden
 * @param valueCount values of each key
 * @param queryCount keys that are asked for
 */
record NiahSetting(String name, Hay hay, Kind keys, Kind values, int keyCount, int valueCount, int queryCount) {
    /** RULER's eight, in its order. */
    static final List<NiahSetting> ALL = List.of(
            new NiahSetting("niah_single_1", Hay.NOISE, Kind.WORD, Kind.NUMBER, 1, 1, 1),
            new NiahSetting("niah_single_2", Hay.ESSAYS, Kind.WORD, Kind.NUMBER, 1, 1, 1),
            new NiahSetting("niah_single_3", Hay.ESSAYS, Kind.WORD, Kind.UUID, 1, 1, 1),
            new NiahSetting("niah_multikey_1", Hay.ESSAYS, Kind.WORD, Kind.NUMBER, 4, 1, 1),
            new NiahSetting("niah_multikey_2", Hay.NEEDLES, Kind.WORD, Kind.NUMBER, 1, 1, 1),
            new NiahSetting("niah_multikey_3", Hay.NEEDLES, Kind.UUID, Kind.UUID, 1, 1, 1),
            new NiahSetting("niah_multivalue", Hay.ESSAYS, Kind.WORD, Kind.NUMBER, 1, 4, 1),
            new NiahSetting("niah_multiquery", Hay.ESSAYS, Kind.WORD, Kind.NUMBER, 4, 1, 4));

    /** What needles are hidden in. */
    enum Hay {
        /** The same five sentences again and again. */
        NOISE,
        /** Text that people wrote. */
        ESSAYS,
        /** Needles of other keys. */
        NEEDLES
    }

    /** What a key or a value is. */
    enum Kind {
        /** An adjective and a noun, joined by a hyphen. */
        WORD("words"),
        /** Seven digits. */
        NUMBER("numbers"),
        /** Version 4. */
        UUID("uuids");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        /** As prompts name it. */
        String plural() {
            return plural;
        }
    }

    int needles() {
        return keyCount * valueCount;
    }
}

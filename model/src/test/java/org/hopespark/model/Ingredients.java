package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Settings of the block, each of which must hold to what holds of the default. */
final class Ingredients {
    /** So that many rates meet the bound eta <= alpha. */
    private static final String BOUNDED = "model.memory.eta-max=0.9 model.memory.eta-start=0.4"
            + " model.memory.retention-bias=0.3 model.memory.retention-bias-last=1";

    static final String HEAD_OF_ITS_OWN = "model.tied-embeddings=false";

    private static final List<List<String>> CHOICES = List.of(
            List.of("model.memory.inner-rule=dgd", "model.memory.inner-rule=gd", "model.memory.inner-rule=dgd-printed"),
            List.of("model.memory.decay=start", "model.memory.decay=zero"),
            List.of("model.memory.gates=key", "model.memory.gates=token"),
            List.of("model.memory.moving-targets=false", "model.memory.moving-targets=true"),
            List.of("model.memory.others-rate=0.3", "model.memory.others-rate=0", "model.memory.others-rate=1"),
            List.of("model.memory.input-rate=0.3", "model.memory.input-rate=0"),
            List.of("model.memory.others-input-rate=0", "model.memory.others-input-rate=0.4"),
            List.of("model.memory.value-scale=1", "model.memory.value-scale=2"),
            List.of("model.memory.error-cap=4", "model.memory.error-cap=0.2"),
            List.of("model.memory.inner-momentum=0", "model.memory.inner-momentum=0.7"),
            List.of("model.memory.retention=true", "model.memory.retention=false"),
            List.of("model.memory.depth=2", "model.memory.depth=1", "model.memory.hidden-ratio=2"),
            List.of("model.memory.read=after-write", "model.memory.read=before-write", "model.memory.read=chunk-start"),
            List.of("model.memory.adaptive-key=true", "model.memory.adaptive-key=false"),
            List.of("model.memory.adaptive-value=true", "model.memory.adaptive-value=false"),
            List.of("model.memory.adaptive-query=false", "model.memory.adaptive-query=true"),
            List.of("model.memory.convolution-width=4", "model.memory.convolution-width=1"),
            List.of("model.chunk-tokens=4", "model.chunk-tokens=1", "model.chunk-tokens=2", "model.chunk-tokens=8"),
            List.of(
                    "model.memory.main-chunk-tokens=0",
                    "model.memory.main-chunk-tokens=1",
                    "model.memory.main-chunk-tokens=2",
                    "model.memory.main-chunk-tokens=8"),
            List.of("model.continuum=sequential", "model.continuum=independent", "model.continuum=nested"),
            List.of("model.activation=silu-gated", "model.activation=gelu"),
            List.of("model.documents=reset", "model.documents=carry"));

    private Ingredients() {}

    /** Mixers that differ from block to block, in kind or in size. */
    static List<String> patterns() {
        return List.of(
                "model.pattern=[{\"attention\":{\"window\":1}},titans]",
                "model.pattern=[{\"attention\":{\"window\":9}}]",
                "model.pattern=[{\"attention\":{\"head-width\":4,\"key-value-heads\":2}},"
                        + "{\"attention\":{\"window\":5,\"head-width\":2,\"key-value-heads\":1}}]",
                "model.pattern=[titans,{\"attention\":{\"window\":5}}]",
                "model.pattern=[{\"titans\":{\"head-width\":4}},titans]",
                "model.pattern=[{\"titans\":{\"head-width\":4}},{\"attention\":{\"head-width\":16}}]",
                "model.pattern=[{\"retnet\":{\"chunk-tokens\":5}},{\"deltanet\":{\"chunk-tokens\":4}}]",
                "model.pattern=[{\"deltanet\":{\"negative-eigenvalues\":true,\"value-width\":3,\"chunk-tokens\":1}},titans]",
                "model.pattern=[{\"gated-deltanet\":{\"heads\":3,\"key-width\":5,\"chunk-tokens\":6}},gated-deltanet2]",
                "model.pattern=[{\"mamba2\":{\"key-width\":6,\"value-width\":4,\"chunk-tokens\":3}},{\"kda\":{\"chunk-tokens\":4}}]",
                "model.pattern=[titans-lmm,{\"titans-lmm\":{\"arrangement\":\"mac\",\"window\":8,\"chunk-tokens\":4}}]",
                "model.pattern=[{\"titans-lmm\":{\"arrangement\":\"mag\",\"window\":5,\"persistent-tokens\":2}},"
                        + "{\"titans-lmm\":{\"arrangement\":\"mal\",\"memory-depth\":1,\"chunk-tokens\":2}}]",
                "model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":8}},titans]",
                "model.pattern=[mamba,{\"ttt-mlp\":{\"chunk-tokens\":4,\"head-width\":4}}]",
                "model.pattern=[mamba]");
    }

    /** The default, everything that differs from it in one setting, and attention. */
    static List<String> oneByOne() {
        List<String> all = new ArrayList<>();
        all.add(BOUNDED);
        for (List<String> choice : CHOICES) {
            choice.subList(1, choice.size()).forEach(setting -> all.add(BOUNDED + " " + setting));
        }
        all.add("model.mixer=attention");
        all.add("model.mixer=attention model.documents=carry");
        all.add("model.mixer=attention " + HEAD_OF_ITS_OWN);
        // of the four pairs of channels one turns as before, one by a quarter, two in between
        all.add("model.mixer=attention model.rope-scaling.type=llama3 model.rope-scaling.factor=4"
                + " model.rope-scaling.low-frequency-factor=0.01 model.rope-scaling.high-frequency-factor=1"
                + " model.rope-scaling.original-context-tokens=16");
        all.add(
                "model.pattern=[retnet,{\"ttt-linear\":{\"chunk-tokens\":4}}] model.rope-scaling.type=linear model.rope-scaling.factor=3");
        for (String pattern : patterns()) {
            all.add(pattern);
            all.add(pattern + " model.documents=carry");
        }
        return all;
    }

    /** Settings drawn at random. */
    static List<String> combined() {
        Random random = new Random(1);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            StringBuilder settings = new StringBuilder(BOUNDED);
            CHOICES.forEach(choice -> settings.append(' ').append(choice.get(random.nextInt(choice.size()))));
            all.add(settings.toString());
        }
        return all;
    }
}

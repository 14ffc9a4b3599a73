package org.hopespark.model.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Finding;
import org.hopespark.model.Illness;
import org.hopespark.model.InnerFindings;

/** Judges what {@link HealthCheck} has measured. */
public final class Diagnosis {
    /**
     * What {@code MemoryLifeTest} allows the shipped configurations. Gradients of a fresh hope-nano fall, from 6.1 over
     * 512 tokens to 3.7 over 2,048.
     */
    private static final double MOST_GROWTH = 10;

    /** Nats that are left to rounding; predictions of healthy networks on the CPU change by exactly zero. */
    private static final double LEAK = 1e-5;

    /** Bits a byte that writes must save at least. */
    private static final double LEAST_USE_OF_WRITES = 0.005;

    /**
     * Memories come to be of use late: at a learning rate of 0.01 a small network has been seen to save 0.002 bits
     * after 50 steps, 0.017 after 100 and 0.04 after 200, and usual rates are 3 to 30 times lower.
     */
    private static final long ENOUGH_STEPS = 1000;

    /** Bits a byte: a level with a factor of 0 saves none, a healthy one 0.005 after 12 boundaries, 0.1 after 50. */
    private static final double LEAST_USE_OF_LEVEL = 1e-4;

    /** Fewer boundaries may have moved a level too little to be seen. */
    private static final long ENOUGH_BOUNDARIES = 4;

    private static final Pattern GATE =
            Pattern.compile("blocks\\.(\\d+)\\.mixer\\.(?:(eta|alpha)\\.(?:head|bias)|(token-gates))");

    private final RunConfig config;
    private final Health health;
    private final List<Finding> findings = new ArrayList<>();

    private Diagnosis(RunConfig config, Health health) {
        this.config = config;
        this.health = health;
    }

    /** What is wrong; empty for a healthy model. */
    public static List<Finding> of(Health health, RunConfig config) {
        Diagnosis diagnosis = new Diagnosis(config, health);
        diagnosis.findings.addAll(InnerFindings.of(health.blocks(), health.document(), config.model()));
        diagnosis.gradients();
        diagnosis.withoutGradient();
        diagnosis.leak();
        health.trained().ifPresent(diagnosis::trained);
        return List.copyOf(diagnosis.findings);
    }

    private void add(Illness illness, String format, Object... values) {
        findings.add(new Finding(illness, String.format(Locale.ROOT, format, values)));
    }

    /** Tells each level's shortest document that is too long for it. */
    private void gradients() {
        for (int level = 0; level < config.levels().size(); level++) {
            Health.Gradient first = health.gradients().get(0);
            for (Health.Gradient gradient : health.gradients()) {
                double norm = gradient.norms().get(level);
                if (!(norm <= MOST_GROWTH * first.norms().get(level)) || !Double.isFinite(norm)) {
                    add(
                            Illness.GRADIENT,
                            "the outer gradient of level %d is %.3g over a document of %,d tokens, %.3g over %,d;"
                                    + " largest in %s: %s",
                            level + 1,
                            norm,
                            gradient.tokens(),
                            first.norms().get(level),
                            first.tokens(),
                            gradient.largest(),
                            remedy());
                    break;
                }
            }
        }
    }

    private String remedy() {
        if (health.blocks().isEmpty()) {
            return "lower training.learning-rate";
        }
        MemoryConfig memory = config.model().memory();
        return "the memories are chaotic; lower model.memory.others-rate (" + memory.othersRate() + ")"
                + (memory.inputRate() > 0 ? " or model.memory.input-rate (" + memory.inputRate() + ")" : "");
    }

    private void withoutGradient() {
        List<String> gates = health.withoutGradient().stream()
                .filter(name -> GATE.matcher(name).matches())
                .toList();
        List<String> others = health.withoutGradient().stream()
                .filter(name -> !gates.contains(name))
                .toList();
        // memories that are never written have gates that do nothing
        if (!gates.isEmpty() && config.model().memory().etaMax() > 0) {
            frozenGate(gates.get(0), "has no gradient: it has saturated");
        }
        if (!others.isEmpty()) {
            add(
                    Illness.NO_GRADIENT,
                    "%d tensors have no gradient, the first is %s: nothing that is predicted depends on them",
                    others.size(),
                    others.get(0));
        }
    }

    private void frozenGate(String name, String why) {
        Matcher gate = GATE.matcher(name);
        if (!gate.matches()) {
            throw new IllegalArgumentException(name + " belongs to no gate");
        }
        String which = gate.group(2) == null ? "token-gates" : gate.group(2);
        if (findings.stream().noneMatch(finding -> finding.illness() == Illness.FROZEN_GATE)) {
            add(
                    Illness.FROZEN_GATE,
                    "block %s: the gate of %s is frozen, %s %s; start nearer to the middle with model.memory.%s, and see"
                            + " which level owns it and its learning-rate-factor",
                    gate.group(1),
                    which,
                    name,
                    why,
                    which.equals("alpha") ? "retention-bias" : "eta-start");
        }
    }

    private void leak() {
        if (health.leak() > LEAK) {
            add(
                    Illness.LEAK,
                    "a prediction changes by %.3g nats when a token after it changes: the model sees the future, and its"
                            + " loss means nothing; this is a mistake in the program, not in a setting (the one to"
                            + " suspect is model.memory.read, %s)",
                    health.leak(),
                    config.model()
                            .memory()
                            .read()
                            .name()
                            .toLowerCase(Locale.ROOT)
                            .replace('_', '-'));
        }
    }

    private void trained(Health.Trained trained) {
        double use = trained.bitsPerByteWithoutWrites() - trained.bitsPerByte();
        if (trained.step() >= ENOUGH_STEPS
                && use < LEAST_USE_OF_WRITES
                && config.model().memory().etaMax() > 0) {
            add(
                    Illness.USELESS_WRITES,
                    "without writes the loss is %.4f bits a byte, with them %.4f: memories save %.4f, less than %s;"
                            + " raise model.memory.eta-start (%s) or model.memory.retention-bias-last (%s), or train"
                            + " longer",
                    trained.bitsPerByteWithoutWrites(),
                    trained.bitsPerByte(),
                    use,
                    LEAST_USE_OF_WRITES,
                    config.model().memory().etaStart(),
                    config.model().memory().retentionBiasLast());
        }
        trained.levels().forEach(level -> level(level, trained.bitsPerByte()));
        trained.unmoved().stream()
                .filter(name -> GATE.matcher(name).matches())
                .findFirst()
                .ifPresent(name -> frozenGate(name, "is exactly as it began"));
    }

    private void level(Health.LevelHealth level, double bitsPerByte) {
        double use = Math.abs(level.bitsPerByteFrozen() - bitsPerByte);
        boolean judged = level.drift() == 0 ? level.boundaries() > 0 : level.boundaries() >= ENOUGH_BOUNDARIES;
        if (judged && use < LEAST_USE_OF_LEVEL) {
            LevelConfig settings = config.levels().get(level.index() - 1);
            add(
                    Illness.DEAD_LEVEL,
                    "level %d has moved by %.3g of its norm in %,d boundaries, and the loss is the same with it as it"
                            + " began (%.5f bits a byte of difference): raise levels.%d.learning-rate-factor (%s) or"
                            + " lower levels.%d.period-steps (%d)",
                    level.index(),
                    level.drift(),
                    level.boundaries(),
                    use,
                    level.index() - 1,
                    settings.learningRateFactor(),
                    level.index() - 1,
                    settings.periodSteps());
        }
    }
}

package org.hopespark.jobs.health;

import static org.hopespark.jobs.progress.Units.count;
import static org.hopespark.jobs.progress.Units.digits;
import static org.hopespark.jobs.progress.Units.fixed;
import static org.hopespark.jobs.progress.Units.percent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Finding;
import org.hopespark.model.health.Health;

/** The health of a model for people. */
public final class HealthText {
    private final Health health;
    private final int context;
    private final List<String> lines = new ArrayList<>();

    private HealthText(Health health, int context) {
        this.health = health;
        this.context = context;
    }

    public static List<String> of(String name, Health health, RunConfig config, List<Finding> findings) {
        HealthText text = new HealthText(health, config.model().contextTokens());
        text.line(
                "%s: %s, context of %s tokens, watched over %s",
                name,
                health.trained().map(t -> "step " + count(t.step())).orElse("not trained"),
                count(text.context),
                count(health.document().inputs().length));
        text.memories();
        health.trained().ifPresent(text::trained);
        text.gradients();
        text.line("");
        if (findings.isEmpty()) {
            text.line("nothing is ill");
        }
        findings.forEach(finding -> text.lines.add("ill: " + finding));
        return text.lines;
    }

    private void line(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }

    private void memories() {
        if (health.blocks().isEmpty()) {
            return;
        }
        List<Bands.Band> bands = Bands.upTo(health.document().inputs().length);
        line("");
        line(
                "%-5s %-4s %10s %8s  %s  %s",
                "block",
                "head",
                "half-life",
                "capped",
                bands.stream().map(band -> right("to " + count(band.to()))).collect(Collectors.joining(" ")),
                lengths().stream().map(tokens -> right("at " + count(tokens))).collect(Collectors.joining(" ")));
        for (int block = 0; block < health.blocks().size(); block++) {
            for (int head = 0; head < health.blocks().get(block).heads(); head++) {
                head(block, head, bands);
            }
        }
        line("half-life in tokens; share of errors that the cap has cut; share of what is read that writes have made,"
                + " by position; norm of the state furthest from that at the start, relative to it");
    }

    private void head(int block, int head, List<Bands.Band> bands) {
        line(
                "%-5d %-4d %10s %8s  %s  %s",
                health.blocks().get(block).block(),
                head,
                digits(health.blocks().get(block).halfLifeTokens(head)),
                percent(health.cappedShare(block, head)),
                bands.stream()
                        .map(band -> right(percent(health.writtenShare(block, head, band.from(), band.to()))))
                        .collect(Collectors.joining(" ")),
                lengths().stream()
                        .map(tokens -> right(digits(furthest(health.stateNorm(block, head, tokens)))))
                        .collect(Collectors.joining(" ")));
    }

    private static String right(String text) {
        return String.format(Locale.ROOT, "%9s", text);
    }

    private List<Integer> lengths() {
        List<Integer> lengths = new ArrayList<>();
        for (int tokens = context; tokens <= health.document().inputs().length; tokens *= 4) {
            lengths.add(tokens);
        }
        return lengths;
    }

    private static double furthest(List<Double> norms) {
        double furthest = 1;
        for (double norm : norms) {
            if (!(Math.abs(Math.log(norm)) <= Math.abs(Math.log(furthest)))) {
                furthest = norm;
            }
        }
        return furthest;
    }

    private void trained(Health.Trained trained) {
        line("");
        line(
                "%s bits a byte on held-out rows, %s without writes",
                fixed(trained.bitsPerByte(), 4), fixed(trained.bitsPerByteWithoutWrites(), 4));
        line("%-5s %10s %8s %14s", "level", "boundaries", "drift", "if frozen");
        for (Health.LevelHealth level : trained.levels()) {
            line(
                    "L%-4d %10s %8s %14s",
                    level.index(),
                    count(level.boundaries()),
                    digits(level.drift()),
                    String.format(Locale.ROOT, "%+.4f", level.bitsPerByteFrozen() - trained.bitsPerByte()));
        }
        line("drift relative to the norm at the start; bits a byte more with the level as it began");
    }

    private void gradients() {
        line("");
        for (Health.Gradient gradient : health.gradients()) {
            line(
                    "gradient over %s tokens, by level: %s",
                    count(gradient.tokens()),
                    gradient.norms().stream().map(norm -> digits(norm)).collect(Collectors.joining(", ")));
        }
        line("tensors without gradient: %s", health.withoutGradient().isEmpty() ? "none" : health.withoutGradient());
        line("change of predictions by later tokens: %s nats", digits(health.leak()));
    }
}

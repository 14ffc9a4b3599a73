package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.Shard;

/** The table at the end of {@code prepare}. */
final class PrepareReport {
    /** Documents that a fraction is proposed for: a share of chance, which is zero once in 150 times. */
    private static final long EXPECTED_HELD_OUT = 5;

    private PrepareReport() {}

    static void print(Manifest manifest, double seconds, PrintStream out) {
        Map<String, String> rows = new LinkedHashMap<>();
        Manifest.Split training = manifest.training();
        Manifest.Split validation = manifest.validation();
        rows.put("", String.format("%15s %15s", "training", "validation"));
        rows.put("documents", both("%,15d", training.documents(), validation.documents()));
        rows.put("tokens", both("%,15d", training.targetTokens(), validation.targetTokens()));
        rows.put("tokens per byte", both("%15.4f", tokensPerByte(training), tokensPerByte(validation)));
        rows.put("rows", both("%,15d", training.rows(), validation.rows()));
        rows.put("padding share", both("%15.4f", padding(training), padding(validation)));
        rows.put(
                "bytes on disk",
                String.format(
                        "%,15d",
                        manifest.shards().stream().mapToLong(Shard::bytes).sum()));
        rows.put("unigram bits per byte", bits(manifest.unigramBits()));
        rows.put("byte-unigram bits per byte", bits(manifest.byteUnigramBits()));
        rows.put("seconds", String.format("%15.1f", seconds));
        rows.put("manifest", manifest.sha256());
        rows.forEach((name, value) -> out.printf("%-28s%s%n", name, value));
        manifest.stages()
                .forEach(stage -> stage.removed()
                        .forEach((reason, documents) -> out.printf(
                                "removed by %s (%s): %,d documents%n", shortName(stage), reason, documents)));
        warn(manifest, out);
    }

    /** Without settings, which the manifest has. */
    private static String shortName(StageCount stage) {
        return stage.name().replaceFirst("\\{.*", "");
    }

    private static void warn(Manifest manifest, PrintStream out) {
        Packing packing = manifest.recipe().packing();
        long heldOut = manifest.validation().documents();
        long documents = manifest.training().documents() + heldOut;
        if (packing.validationFraction() == 0 || (heldOut > 0 && packing.heldOutKey() == null)) {
            return;
        }
        if (documents < 2) {
            out.println("warning: no document is held out, since there is only one: 2 would do; --split cuts a text"
                    + " into documents");
            return;
        }
        out.printf(
                Locale.ROOT,
                "%s: %d are too few for validation-fraction %s; %.3f would hold out about %d%n",
                heldOut == 0 ? "warning: no document is held out" : heldOut + " held out, with the lowest key",
                documents,
                packing.validationFraction(),
                Math.min(0.5, EXPECTED_HELD_OUT / (double) documents),
                Math.min(EXPECTED_HELD_OUT, (documents + 1) / 2));
    }

    private static String both(String format, Object training, Object validation) {
        return String.format(format + " " + format, training, validation);
    }

    private static double tokensPerByte(Manifest.Split split) {
        return split.utf8Bytes() == 0 ? 0 : (double) split.targetTokens() / split.utf8Bytes();
    }

    private static double padding(Manifest.Split split) {
        long ids = split.realTokens() + split.paddingTokens();
        return ids == 0 ? 0 : (double) split.paddingTokens() / ids;
    }

    private static String bits(OptionalDouble value) {
        return value.isPresent() ? String.format("%15.4f", value.getAsDouble()) : String.format("%15s", "-");
    }
}

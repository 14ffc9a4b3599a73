package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.hopespark.model.TokenBatch;

/**
 * Fuzzy in-context recall of MAD (Poli et al. 2024): as {@link InContextRecall}, but keys and values are of one to
 * three distinct ids; tests ask for keys of three. The last id of the vocabulary fills up at the front. The pair that
 * is asked for at the end comes before in every example, which the reference misses now and then.
 */
record FuzzyRecall(int vocabulary, int length, InContextRecall.Use use) implements Generator {
    private static final int MOST = 3;

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        int ids = vocabulary - 1;
        List<Long> probeKey = key(random, ids);
        List<Long> probeValue = motif(random, ids / 2, ids, 1 + random.nextInt(MOST));
        int probe = probeKey.size() + probeValue.size();
        int end = length - probe - 2 * MOST;
        int probeFrom = random.nextInt(Math.max(1, Math.min(length - 2 * probe, end - 2 * MOST + 1)));
        Map<List<Long>, List<Long>> values = new HashMap<>();
        List<Long> row = new ArrayList<>();
        List<Long> recalled = new ArrayList<>();
        while (row.size() < end) {
            boolean isProbe = row.size() >= probeFrom && !values.containsKey(probeKey);
            List<Long> key = isProbe ? probeKey : key(random, ids);
            List<Long> value = motif(random, ids / 2, ids, 1 + random.nextInt(MOST));
            append(key, key.equals(probeKey) ? probeValue : value, values, row, recalled);
        }
        append(probeKey, probeValue, values, row, recalled);
        long[] pad =
                LongStream.generate(() -> ids).limit(length + 1 - row.size()).toArray();
        long[] none = new long[pad.length];
        Arrays.fill(none, TokenBatch.NO_TARGET);
        return InContextRecall.shifted(joined(pad, row), joined(none, recalled), use);
    }

    private static void append(
            List<Long> key, List<Long> value, Map<List<Long>, List<Long>> values, List<Long> row, List<Long> recalled) {
        boolean known = values.containsKey(key);
        List<Long> kept = values.computeIfAbsent(key, k -> value);
        row.addAll(key);
        row.addAll(kept);
        recalled.addAll(Collections.nCopies(key.size(), TokenBatch.NO_TARGET));
        recalled.addAll(known ? kept : Collections.nCopies(kept.size(), TokenBatch.NO_TARGET));
    }

    private List<Long> key(SplittableRandom random, int ids) {
        return motif(random, 0, ids / 2, use == InContextRecall.Use.TEST ? MOST : 1 + random.nextInt(MOST));
    }

    private static List<Long> motif(SplittableRandom random, int from, int to, int size) {
        return random.longs(from, to).distinct().limit(size).boxed().toList();
    }

    private static long[] joined(long[] front, List<Long> back) {
        return LongStream.concat(Arrays.stream(front), back.stream().mapToLong(Long::longValue))
                .toArray();
    }
}

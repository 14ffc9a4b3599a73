package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A small honest language model over bytes: P(next | previous) = (1 + count of the pair) / (257 + count of previous),
 * counted in a training text. Id 256 is the prefix token.
 */
final class BigramModel implements TextEncoder, Scorer {
    static final int PREFIX = 256;
    private static final int VOCABULARY = 257;

    final List<Integer> lengthsSeen = new ArrayList<>();
    final List<Integer> batchesSeen = new ArrayList<>();
    final List<Integer> familiesSeen = new ArrayList<>();
    private final int[][] pairs = new int[VOCABULARY][VOCABULARY];
    private final int[] counts = new int[VOCABULARY];
    private final int maxTokens;

    BigramModel(String training, int maxTokens) {
        this.maxTokens = maxTokens;
        int previous = PREFIX;
        for (int id : encode(training)) {
            pairs[previous][id]++;
            counts[previous]++;
            previous = id;
        }
    }

    double probability(int previous, int next) {
        return (1.0 + pairs[previous][next]) / (VOCABULARY + counts[previous]);
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        byte[] bytes = new byte[ids.length];
        for (int i = 0; i < ids.length; i++) {
            bytes[i] = (byte) ids[i];
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public int prefixToken() {
        return PREFIX;
    }

    @Override
    public String name() {
        return "bytes";
    }

    @Override
    public String fingerprint() {
        return "bytes-1";
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public double[] carried(int[] ids) {
        double[] logs = new double[ids.length - 1];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(probability(ids[i], ids[i + 1]));
        }
        return logs;
    }

    @Override
    public int[] write(int[] prompt, int count) {
        int[] written = new int[count];
        int previous = prompt[prompt.length - 1];
        for (int i = 0; i < count; i++) {
            int best = 0;
            for (int id = 1; id < PREFIX; id++) {
                best = pairs[previous][id] > pairs[previous][best] ? id : best;
            }
            written[i] = best;
            previous = best;
        }
        return written;
    }

    @Override
    public boolean sharesContexts() {
        return true;
    }

    @Override
    public List<TokenScores> scoreFamilies(List<List<Window>> families) {
        for (List<Window> family : families) {
            familiesSeen.add(family.size());
            assertThat(family)
                    .allSatisfy(window -> assertThat(window.context())
                            .hasSameSizeAs(families.get(0).get(0).context())
                            .isEqualTo(family.get(0).context()));
        }
        return score(families.stream().flatMap(List::stream).toList());
    }

    @Override
    public List<TokenScores> score(List<Window> windows) {
        batchesSeen.add(windows.size());
        List<TokenScores> result = new ArrayList<>();
        for (Window window : windows) {
            int[] ids = window.ids();
            lengthsSeen.add(ids.length);
            double[] logs = new double[window.targets()];
            boolean[] argmax = new boolean[logs.length];
            for (int t = 0; t < logs.length; t++) {
                int i = ids.length - 1 - logs.length + t;
                logs[t] = Math.log(probability(ids[i], ids[i + 1]));
                argmax[t] = true;
                for (int other = 0; other < VOCABULARY; other++) {
                    argmax[t] &= pairs[ids[i]][other] <= pairs[ids[i]][ids[i + 1]];
                }
            }
            result.add(new TokenScores(logs, argmax));
        }
        return result;
    }
}

package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TextEncoder;
import org.hopespark.model.eval.TokenScores;
import org.hopespark.model.eval.Window;

/** Four classes that a small network tells apart by one letter, and what it takes to ask it. */
final class Toy {
    private static final String ALPHABET = "\n :TLabcdefghijklmnopqrstuvwxyz";
    private static final String LETTERS = "abcd";
    private static final int NOISE = 1;

    static {
        Network.useThreads(1);
    }

    private Toy() {}

    static RunConfig config(String... overrides) {
        return Settings.parse("toy", """
                        seed: 3
                        model:
                          vocabulary-size: 40
                          width: 16
                          blocks: 1
                          mixer: attention
                          head-width: 8
                          chunk-tokens: 8
                          context-tokens: 64
                        levels:
                          - {period-steps: 1, continuum-hidden: 16}
                          - {period-steps: 4, continuum-hidden: 16}
                        """).with(List.of(overrides)).bind(RunConfig.class);
    }

    static ContinualSettings settings(Method method) {
        return settings(method, 25, 100, 1);
    }

    static ContinualSettings settings(Method method, int epochs, double lambda, double alpha) {
        return new ContinualSettings(
                method, 2, 0, 16, 8, epochs, 8, 1e-2, lambda, alpha, 32, List.of("blocks.*.continuum.*"), 5);
    }

    /** A class is where its letter stands among noise; its name is two letters. */
    static LabelledTexts texts() {
        Random random = new Random(1);
        return new LabelledTexts(List.of("pu", "qu", "ru", "su"), examples(16, random), examples(8, random));
    }

    private static List<Example> examples(int each, Random random) {
        List<Example> result = new ArrayList<>();
        for (int i = 0; i < each * LETTERS.length(); i++) {
            int label = i % LETTERS.length();
            StringBuilder text = new StringBuilder();
            for (int n = 0; n < NOISE; n++) {
                text.append((char) ('v' + random.nextInt(5)));
            }
            result.add(new Example(
                    text.insert(random.nextInt(NOISE + 1), LETTERS.charAt(label))
                            .toString(),
                    label));
        }
        return result;
    }

    static TextEncoder encoder() {
        return new TextEncoder() {
            @Override
            public int[] encode(String text) {
                return text.chars().map(c -> 1 + ALPHABET.indexOf(c)).toArray();
            }

            @Override
            public String decode(int[] ids) {
                return Arrays.stream(ids)
                        .mapToObj(id -> ALPHABET.substring(id - 1, id))
                        .collect(Collectors.joining());
            }

            @Override
            public int prefixToken() {
                return 0;
            }

            @Override
            public String name() {
                return "letters";
            }

            @Override
            public String fingerprint() {
                return name();
            }
        };
    }

    static Scorer scorer(Network network) {
        return new Scorer() {
            @Override
            public int maxTokens() {
                return network.architecture().model().contextTokens();
            }

            @Override
            public double[] carried(int[] ids) {
                throw new UnsupportedOperationException("labels are scored in one piece");
            }

            @Override
            public int[] write(int[] prompt, int count) {
                throw new UnsupportedOperationException("labels are scored, not written");
            }

            @Override
            public List<TokenScores> score(List<Window> windows) {
                List<TokenScores> result = new ArrayList<>();
                for (Window window : windows) {
                    double[] all = network.scores(new TokenBatch(List.of(sequence(window.ids()))))
                            .logProbabilities();
                    result.add(new TokenScores(
                            Arrays.copyOfRange(all, all.length - window.targets(), all.length),
                            new boolean[window.targets()]));
                }
                return result;
            }
        };
    }

    private static TokenBatch.Sequence sequence(int[] ids) {
        long[] all = Arrays.stream(ids).asLongStream().toArray();
        return new TokenBatch.Sequence(
                Arrays.copyOf(all, all.length - 1), Arrays.copyOfRange(all, 1, all.length), new int[0]);
    }
}

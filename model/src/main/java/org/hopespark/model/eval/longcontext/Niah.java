package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** RULER's needle in a haystack: values of keys, stated in sentences that are hidden in text. */
final class Niah implements Generator {
    /** One per line in haystacks of noise. */
    static final String NOISE =
            "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

    private static final int NEW_TOKENS = 128;
    private static final int DEPTHS = 40;
    private static final int BINS = 10;

    private final NiahSetting setting;
    private final List<String> adjectives;
    private final List<String> nouns;
    private final Text essays;

    /** The first words of the haystack. */
    interface Text {
        String first(int words);
    }

    /** Only haystacks of essays use {@code essays}. */
    Niah(NiahSetting setting, List<String> adjectives, List<String> nouns, Text essays) {
        this.setting = setting;
        this.adjectives = adjectives;
        this.nouns = nouns;
        this.essays = essays;
    }

    @Override
    public int smallest() {
        return setting.hay() == NiahSetting.Hay.ESSAYS ? 1 : setting.needles();
    }

    @Override
    public int newTokens() {
        return NEW_TOKENS;
    }

    @Override
    public Sample sample(int size, Random random) {
        // A stream of its own, so that a longer haystack holds the same needles.
        Random hay = new Random(random.nextLong());
        List<String> keys = Draw.distinct(setting.keyCount(), () -> draw(setting.keys(), random));
        List<List<String>> values = keys.stream()
                .map(key -> Draw.distinct(setting.valueCount(), () -> draw(setting.values(), random)))
                .toList();
        List<Integer> asked = Draw.sample(
                setting.queryCount(), IntStream.range(0, keys.size()).boxed().toList(), random);
        List<String> answers =
                asked.stream().flatMap(k -> values.get(k).stream()).toList();
        List<String> needles = new ArrayList<>();
        for (int k = 0; k < keys.size(); k++) {
            for (String value : values.get(k)) {
                needles.add(needle(keys.get(k), value));
            }
        }
        Collections.shuffle(needles, random);
        List<Integer> places = setting.hay() == NiahSetting.Hay.ESSAYS
                ? Draw.sample(needles.size(), depths(), random).stream()
                        .sorted()
                        .toList()
                : Draw.positions(needles.size(), size, random);
        String context = setting.hay() == NiahSetting.Hay.ESSAYS
                ? inEssays(size, needles, places)
                : inLines(lines(size, keys, hay), needles, places);
        String query = list(asked.stream().map(keys::get).toList());
        return new Sample(
                prompt(context, query),
                answers,
                answers.size() == 1 ? part(size, needles, places, keys, asked, answers) : "");
    }

    /** 0..100 percent in 40 steps. */
    static List<Integer> depths() {
        return IntStream.range(0, DEPTHS)
                .map(i -> (int) Math.round(i * 100.0 / (DEPTHS - 1)))
                .boxed()
                .toList();
    }

    private String inEssays(int words, List<String> needles, List<Integer> depths) {
        List<String> sentences = Sentences.split(essays.first(words));
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < needles.size(); i++) {
            int to = (int) (sentences.size() * (depths.get(i) / 100.0));
            pieces.add(String.join(" ", sentences.subList(from, to)));
            pieces.add(needles.get(i));
            from = to;
        }
        pieces.add(String.join(" ", sentences.subList(from, sentences.size())));
        return String.join(" ", pieces);
    }

    private List<String> lines(int count, List<String> keys, Random hay) {
        if (setting.hay() == NiahSetting.Hay.NOISE) {
            return Collections.nCopies(count, NOISE);
        }
        List<String> result = new ArrayList<>();
        while (result.size() < count) {
            String key = draw(setting.keys(), hay);
            if (!keys.contains(key)) {
                result.add(needle(key, draw(setting.values(), hay)));
            }
        }
        return result;
    }

    private static String inLines(List<String> hay, List<String> needles, List<Integer> positions) {
        List<String> lines = new ArrayList<>(hay);
        for (int i = needles.size() - 1; i >= 0; i--) {
            lines.add(positions.get(i), needles.get(i));
        }
        return String.join("\n", lines);
    }

    private String part(
            int size,
            List<String> needles,
            List<Integer> places,
            List<String> keys,
            List<Integer> asked,
            List<String> answers) {
        int place = places.get(needles.indexOf(needle(keys.get(asked.get(0)), answers.get(0))));
        long depth = setting.hay() == NiahSetting.Hay.ESSAYS ? place : 100L * place / size;
        long width = 100 / BINS;
        return "depth=" + Math.min(depth / width, BINS - 1) * width;
    }

    private String needle(String key, String value) {
        return "One of the special magic " + setting.values().plural() + " for " + key + " is: " + value + ".";
    }

    private String prompt(String context, String query) {
        boolean one = setting.queryCount() * setting.valueCount() == 1;
        String plural = setting.values().plural();
        String values = one ? plural.substring(0, plural.length() - 1) : plural;
        return (one ? "A" : "Some") + " special magic " + values + (one ? " is" : " are")
                + " hidden within the following text. Make sure to memorize it. I will quiz you about the " + values
                + " afterwards.\n" + context + "\nWhat " + (one ? "is" : "are all") + " the special magic " + values
                + " for " + query + " mentioned in the provided text? The special magic " + values + " for " + query
                + " mentioned in the provided text " + (one ? "is" : "are");
    }

    private static String list(List<String> keys) {
        return keys.size() == 1
                ? keys.get(0)
                : keys.stream().limit(keys.size() - 1L).collect(Collectors.joining(", "))
                        + ", and "
                        + keys.get(keys.size() - 1);
    }

    private String draw(NiahSetting.Kind kind, Random random) {
        return switch (kind) {
            case WORD -> Draw.oneOf(adjectives, random) + "-" + Draw.oneOf(nouns, random);
            case NUMBER -> String.valueOf(1_000_000 + random.nextInt(9_000_000));
            case UUID -> uuid(random).toString();
        };
    }

    /** Version 4 from 128 random bits. */
    private static UUID uuid(Random random) {
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}

package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;

/** The synthetic tasks there are; another one is one line here and its generator. */
public final class SyntheticTasks {
    private static final Map<String, Function<TaskOptions, SyntheticTask>> TASKS = new LinkedHashMap<>();
    private static final Map<String, List<String>> SUITES = new LinkedHashMap<>();

    static {
        TASKS.put("parity", o -> formal(o, Parity.VOCABULARY, 2, Parity::new));
        TASKS.put("aa", o -> formal(o, 3, 2, Repetition::aa));
        TASKS.put("abab", o -> formal(o, 4, 2, Repetition::abab));
        TASKS.put("an_bn", o -> formal(o, 5, 3, lengths -> new CounterLanguage(2, lengths)));
        TASKS.put("an_bn_cn", o -> formal(o, 7, 4, lengths -> new CounterLanguage(3, lengths)));
        TASKS.put("shuffle_2", o -> formal(o, Shuffle2.VOCABULARY, Shuffle2.LABELS, Shuffle2::new));
        SUITES.put("formal", List.copyOf(TASKS.keySet()));

        TASKS.put("parity_last", o -> last(o, LastParity.VOCABULARY, 2, LastParity::new));
        TASKS.put(
                "modular_arithmetic",
                o -> last(o, ModularArithmetic.VOCABULARY, ModularArithmetic.MODULUS, ModularArithmetic::new));
        TASKS.put("s5", o -> wordProblem(o, Group.s5()));
        TASKS.put("a5", o -> wordProblem(o, Group.a5()));
        TASKS.put("z60", o -> wordProblem(o, Group.z60()));
        SUITES.put("state", List.of("parity_last", "modular_arithmetic", "s5@16", "a5@16", "z60@16"));

        TASKS.put("mqar", SyntheticTasks::mqar);
        SUITES.put("mqar", List.of("mqar"));

        TASKS.put("mad_in_context_recall", o -> recall(o, 16, 0, 0, Map.of("", 1.0)));
        TASKS.put("mad_noisy_recall", o -> recall(o, 32, 16, 0.2, Map.of()));
        TASKS.put("mad_fuzzy_recall", SyntheticTasks::fuzzyRecall);
        TASKS.put("mad_selective_copying", SyntheticTasks::selectiveCopying);
        TASKS.put("mad_compression", SyntheticTasks::compression);
        TASKS.put("mad_memorization", SyntheticTasks::memorization);
        String trains = "train=6400 train=3200 train=1600 train=800";
        String lengths = "length=256 length=512 length=1024 ";
        String vocabularies = "vocab=32 vocab=64 vocab=128 ";
        SUITES.put(
                "mad",
                Stream.of(
                                variations("mad_in_context_recall", vocabularies + lengths + trains),
                                variations(
                                        "mad_noisy_recall",
                                        "vocab=48 vocab=80 vocab=144 " + lengths + trains
                                                + " noise=0.4 noise=0.6 noise=0.8"),
                                variations("mad_fuzzy_recall", vocabularies + lengths + trains),
                                variations(
                                        "mad_selective_copying",
                                        vocabularies + "length=512 length=1024 " + trains
                                                + " copied=32 copied=64 copied=96"),
                                variations(
                                        "mad_compression", vocabularies + "length=64 length=128 length=256 " + trains),
                                variations("mad_memorization", "vocab=512 vocab=1024 vocab=2048 vocab=4096 vocab=8192"))
                        .flatMap(List::stream)
                        .toList());
        SUITES.put(
                "synthetic",
                SUITES.values().stream()
                        .flatMap(List::stream)
                        .filter(name -> !name.startsWith("mad_") || TASKS.containsKey(name))
                        .toList());
    }

    private static final int FORMAL_TRAIN = 10_000;
    private static final int FORMAL_TEST = 2_000;
    private static final Lengths BIN_0 = new Lengths(2, 50);
    private static final Lengths BIN_1 = new Lengths(51, 100);

    private static final int LAST_TRAIN = 50_000;
    private static final int LAST_TEST = 2_000;
    private static final Lengths SHORT = new Lengths(3, 40);
    private static final Lengths LONG = new Lengths(40, 256);

    private static final int WORDS_TRAIN = 50_000;
    private static final int WORDS_TEST = 1_000;
    /** Below it there are too few words to draw distinct ones. */
    private static final int SHORTEST_WORD = 4;

    private static final int MQAR_TEST = 1_000;
    private static final List<Shape> MQAR_TRAIN = List.of(
            new Shape(64, 4, 100_000),
            new Shape(128, 8, 20_000),
            new Shape(256, 16, 20_000),
            new Shape(256, 32, 20_000),
            new Shape(256, 64, 20_000));
    private static final List<Shape> MQAR_TESTS = List.of(
            new Shape(64, 4, MQAR_TEST),
            new Shape(64, 8, MQAR_TEST),
            new Shape(64, 16, MQAR_TEST),
            new Shape(128, 32, MQAR_TEST),
            new Shape(256, 64, MQAR_TEST),
            new Shape(512, 128, MQAR_TEST),
            new Shape(1024, 256, MQAR_TEST));

    private static final int MAD_TRAIN = 12_800;
    private static final int MAD_TEST = 1_280;
    private static final int MAD_LENGTH = 128;

    private record Shape(int length, int pairs, int count) {}

    private SyntheticTasks() {}

    /** The tasks of all suites. */
    public static List<SyntheticTask> all() {
        return SUITES.values().stream()
                .flatMap(List::stream)
                .distinct()
                .map(SyntheticTasks::named)
                .toList();
    }

    /**
     * The names of the suites: {@code formal}, {@code state}, {@code mqar}, {@code mad}, and {@code synthetic}, which
     * has the tasks of all of them, those of MAD without their variations.
     */
    public static List<String> suites() {
        return List.copyOf(SUITES.keySet());
    }

    /**
     * The tasks of a suite.
     *
     * @throws UserException if there is none of this name
     */
    public static List<SyntheticTask> suite(String name) {
        if (!SUITES.containsKey(name)) {
            throw new UserException("unknown suite '" + name + "'; there are " + String.join(", ", SUITES.keySet()));
        }
        return SUITES.get(name).stream().map(SyntheticTasks::named).toList();
    }

    /**
     * The task of this name, which may have settings of its own: {@code s5@32}, {@code mqar@vocab=512,length=128},
     * {@code mad_fuzzy_recall@length=64,train=800}.
     *
     * @throws UserException if there is no such task or setting
     */
    public static SyntheticTask named(String name) {
        TaskOptions options = new TaskOptions(name);
        Function<TaskOptions, SyntheticTask> make = TASKS.get(options.base());
        if (make == null) {
            throw new UserException(
                    "unknown task '" + options.base() + "'; there are " + String.join(", ", TASKS.keySet()));
        }
        SyntheticTask task;
        try {
            task = make.apply(options);
        } catch (IllegalArgumentException e) {
            throw new UserException("the task " + name + ": " + e.getMessage(), e);
        }
        options.finish();
        return task;
    }

    /** Whether {@link #named} has a task of this name, whatever its settings. */
    public static boolean knows(String name) {
        return TASKS.containsKey(new TaskOptions(name).base());
    }

    private static List<String> variations(String base, String settings) {
        List<String> names = new ArrayList<>(List.of(base));
        for (String setting : settings.split(" ", -1)) {
            names.add(base + "@" + setting);
        }
        return names;
    }

    /** A language of Bhattamishra et al. (2020), in the bins of Irie et al. (2023). */
    private static SyntheticTask formal(
            TaskOptions options, int vocabulary, int labels, Function<Lengths, Generator> language) {
        return new SyntheticTask(
                options.name(),
                1,
                vocabulary,
                labels,
                SyntheticTask.Output.CAUSAL,
                Metric.SEQUENCE,
                List.of(new Part("", FORMAL_TRAIN, BIN_0.max(), language.apply(BIN_0))),
                List.of(
                        new Part("bin=0", FORMAL_TEST, BIN_0.max(), language.apply(BIN_0)),
                        new Part("bin=1", FORMAL_TEST, BIN_1.max(), language.apply(BIN_1))),
                Map.of("bin=0", 1.0, "bin=1", 1.0));
    }

    private static SyntheticTask last(
            TaskOptions options, int vocabulary, int labels, Function<Lengths, Generator> language) {
        return new SyntheticTask(
                options.name(),
                1,
                vocabulary,
                labels,
                SyntheticTask.Output.CAUSAL,
                Metric.SCALED,
                List.of(new Part("", LAST_TRAIN, SHORT.max(), language.apply(SHORT))),
                List.of(
                        new Part("length=40..256", LAST_TEST, LONG.max(), language.apply(LONG)),
                        new Part("length=3..40", LAST_TEST, SHORT.max(), language.apply(SHORT))),
                Map.of());
    }

    private static SyntheticTask wordProblem(TaskOptions options, Group group) {
        int length = options.whole("length", 16);
        if (length < SHORTEST_WORD) {
            throw new UserException(
                    "the task " + options.name() + " needs a length >= " + SHORTEST_WORD + ", got " + length);
        }
        return new SyntheticTask(
                options.name(),
                1,
                2 * group.order(),
                group.order(),
                SyntheticTask.Output.CAUSAL,
                Metric.TOKEN_AND_SEQUENCE,
                List.of(words(group, "", WORDS_TRAIN, length)),
                Stream.of(1, 2, 4)
                        .map(times -> words(group, "length=" + times * length, WORDS_TEST, times * length))
                        .toList(),
                Map.of());
    }

    private static Part words(Group group, String name, int count, int length) {
        return new Part(name, count, length, Part.Repeats.NONE, new WordProblem(group, length));
    }

    private static SyntheticTask mqar(TaskOptions options) {
        int vocabulary = options.whole("vocab", 8192);
        int longest = options.whole("length", Integer.MAX_VALUE);
        if (longest < MQAR_TRAIN.get(0).length()) {
            throw new UserException("the task " + options.name() + " needs a length >= "
                    + MQAR_TRAIN.get(0).length() + ", got " + longest);
        }
        return new SyntheticTask(
                options.name(),
                1,
                vocabulary,
                vocabulary - vocabulary / 2,
                SyntheticTask.Output.CAUSAL,
                Metric.TOKEN,
                recalls(MQAR_TRAIN, vocabulary, longest),
                recalls(MQAR_TESTS, vocabulary, longest),
                Map.of());
    }

    private static List<Part> recalls(List<Shape> shapes, int vocabulary, int longest) {
        return shapes.stream()
                .filter(shape -> shape.length() <= longest)
                .map(shape -> new Part(
                        "length=" + shape.length() + ",pairs=" + shape.pairs(),
                        shape.count(),
                        shape.length(),
                        new Mqar(vocabulary, shape.length(), shape.pairs())))
                .toList();
    }

    private static SyntheticTask recall(
            TaskOptions options, int vocabulary, int noiseIds, double noise, Map<String, Double> hope) {
        int ids = options.whole("vocab", vocabulary);
        int length = options.whole("length", MAD_LENGTH);
        double share = options.number("noise", noise);
        int informative = ids - noiseIds;
        return mad(
                options,
                ids,
                informative - informative / 2,
                length,
                new InContextRecall(ids, noiseIds, share, length, InContextRecall.Use.TRAIN),
                new InContextRecall(ids, noiseIds, share, length, InContextRecall.Use.TEST),
                hope);
    }

    private static SyntheticTask fuzzyRecall(TaskOptions options) {
        int ids = options.whole("vocab", 16);
        int length = options.whole("length", MAD_LENGTH);
        return mad(
                options,
                ids,
                ids - 1 - (ids - 1) / 2,
                length,
                new FuzzyRecall(ids, length, InContextRecall.Use.TRAIN),
                new FuzzyRecall(ids, length, InContextRecall.Use.TEST),
                Map.of("", 0.521));
    }

    private static SyntheticTask selectiveCopying(TaskOptions options) {
        int ids = options.whole("vocab", 16);
        int length = options.whole("length", 256);
        Generator copying = new SelectiveCopying(ids, length, options.whole("copied", 16));
        return mad(options, ids, ids - 2, length, copying, copying, Map.of("", 0.997));
    }

    private static SyntheticTask compression(TaskOptions options) {
        int ids = options.whole("vocab", 16);
        int length = options.whole("length", 32);
        Generator sequences = new Compression(ids, length);
        return new SyntheticTask(
                options.name(),
                1,
                ids,
                ids,
                SyntheticTask.Output.AUTO_ENCODER,
                Metric.MACRO,
                List.of(new Part("", options.whole("train", MAD_TRAIN), length, sequences)),
                List.of(new Part("", MAD_TEST, length, sequences)),
                Map.of("", 0.512));
    }

    private static SyntheticTask memorization(TaskOptions options) {
        int ids = options.whole("vocab", 256);
        int length = options.whole("length", 32);
        Memorization facts = new Memorization(ids, length);
        Part train = new Part("", options.whole("train", 256), length, facts);
        return new SyntheticTask(
                options.name(),
                1,
                ids,
                facts.keys(),
                SyntheticTask.Output.CAUSAL,
                Metric.MACRO,
                List.of(train),
                List.of(new Part("", MAD_TEST, length, facts)),
                Map.of("", 0.852));
    }

    private static SyntheticTask mad(
            TaskOptions options,
            int ids,
            int labels,
            int length,
            Generator train,
            Generator test,
            Map<String, Double> hope) {
        return new SyntheticTask(
                options.name(),
                1,
                ids,
                labels,
                SyntheticTask.Output.CAUSAL,
                Metric.MACRO,
                List.of(new Part("", options.whole("train", MAD_TRAIN), length, train)),
                List.of(new Part("", MAD_TEST, length, test)),
                hope);
    }
}

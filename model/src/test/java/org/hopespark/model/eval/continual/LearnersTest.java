package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Likelihood;
import org.junit.jupiter.api.Test;

final class LearnersTest {
    private static final List<String> LABELS = List.of("pu", "qu");
    private static final int QUESTION = "Text: a\nLabel:".length();

    @Test
    void onlyTheLabelIsLearned() {
        Prompts prompts = new Prompts(Toy.encoder(), LABELS, 64);
        TokenBatch batch = prompts.batch(List.of(new Example("a", 1), new Example("abc", 0)));
        int[] ids = Toy.encoder().encode("Text: a\nLabel: qu\n");
        long[] targets = batch.sequences().get(0).targets();
        assertThat(batch.targetCount()).isEqualTo(8);
        assertThat(Arrays.stream(targets).limit(QUESTION - 1L)).containsOnly(TokenBatch.NO_TARGET);
        assertThat(Arrays.stream(targets).skip(QUESTION - 1L).limit(4))
                .containsExactly((long) ids[QUESTION], (long) ids[QUESTION + 1], (long) ids[QUESTION + 2], (long)
                        ids[QUESTION + 3]);
        assertThat(Arrays.stream(targets).skip(QUESTION + 3L)).containsOnly(TokenBatch.NO_TARGET);
    }

    @Test
    void ofALongTextTheEndIsKept() {
        Prompts prompts = new Prompts(Toy.encoder(), LABELS, 6);
        TokenBatch batch = prompts.batch(List.of(new Example("abc", 0)));
        assertThat(batch.tokens()).isEqualTo(6);
        assertThat(batch.targetCount()).isEqualTo(4);
    }

    @Test
    void theReservoirHoldsEveryTextWithTheSameProbability() {
        int[] kept = new int[20];
        Random random = new Random(1);
        for (int trial = 0; trial < 4000; trial++) {
            Reservoir reservoir = new Reservoir(5, random);
            for (int i = 0; i < kept.length; i++) {
                reservoir.see(new Example("a", i));
            }
            reservoir.draw(9).forEach(example -> kept[example.label()]++);
        }
        assertThat(Arrays.stream(kept).sum()).isEqualTo(5 * 4000);
        // 1000 each, standard deviation 27
        assertThat(Arrays.stream(kept).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(880, 1120));
    }

    @Test
    void softenedLikelihoodsAreTheSoftmaxAtTemperatureTwo() {
        List<Likelihood> said = List.of(likelihood(-2), likelihood(-6));
        double odds = Math.exp(2);
        assertThat(Distillation.softened(said))
                .containsExactly(new double[] {odds / (1 + odds), 1 / (1 + odds)}, within(1e-12));
    }

    @Test
    void earlierLabelsAreDrawnWithTheirProbabilities() {
        Random random = new Random(1);
        int[] drawn = new int[3];
        for (int i = 0; i < 10_000; i++) {
            drawn[Distillation.draw(new double[] {0.2, 0.3, 0.5}, random.nextDouble())]++;
        }
        assertThat(drawn[0]).isBetween(1840, 2160);
        assertThat(drawn[1]).isBetween(2820, 3180);
    }

    @Test
    void oneExampleOfEachClassIsShownBeforeASecondAndNoneThatDoesNotFit() {
        Demonstrations shown = new Demonstrations(new Prompts(Toy.encoder(), LABELS, 80));
        shown.learn(new ClassStream.Stage(
                List.of(0), List.of(new Example("a", 0), new Example("aa", 0)), List.of(new Example("a", 0))));
        shown.learn(new ClassStream.Stage(List.of(1), List.of(new Example("b", 1)), List.of(new Example("b", 1))));
        String question = Prompts.question(new Example("c", 0));
        // 14 of the question and 4 of the answer leave 62, for three of 18, 18 and 19
        assertThat(shown.context(question, List.of(0, 1)))
                .isEqualTo("Text: a\nLabel: pu\nText: b\nLabel: qu\nText: aa\nLabel: pu\n");
        Demonstrations fewer = new Demonstrations(new Prompts(Toy.encoder(), LABELS, 40));
        fewer.learn(new ClassStream.Stage(
                List.of(0), List.of(new Example("a", 0), new Example("aa", 0)), List.of(new Example("a", 0))));
        assertThat(fewer.context(question, List.of(0, 1))).isEqualTo("Text: a\nLabel: pu\n");
    }

    @Test
    void theNearestClassIsNearInUnitsOfTheSpread() {
        ClassGaussians classes = new ClassGaussians(2);
        assertThat(classes.isEmpty()).isTrue();
        Random random = new Random(2);
        double[][] means = {{0, 0}, {20, 0}, {0, 2}};
        for (int label = 0; label < means.length; label++) {
            for (int i = 0; i < 200; i++) {
                // wide along the first axis, narrow along the second, and leaning
                double wide = 4 * random.nextGaussian();
                double narrow = 0.5 * random.nextGaussian();
                classes.add(label, new double[] {means[label][0] + wide, means[label][1] + narrow + 0.1 * wide});
            }
        }
        // ten to the right of the third mean: nearer to the second by any measure that knows no spread
        assertThat(classes.nearest(new double[] {10.5, 3}, 1)).containsExactly(2);
        for (double[] point : new double[][] {{10.5, 3}, {14, 1.6}, {-5, -0.5}, {3, 1.2}, {30, 2}}) {
            assertThat(classes.nearest(point, 3)).isEqualTo(distances(point, means));
        }
        assertThat(classes.nearest(new double[] {0, 0}, 9)).hasSize(3);
    }

    /** By Mahalanobis' distance with the covariance that the points are drawn with. */
    private static List<Integer> distances(double[] x, double[][] means) {
        double a = 16;
        double b = 1.6;
        double c = 0.25 + 0.16;
        double determinant = a * c - b * b;
        return IntStream.range(0, means.length)
                .boxed()
                .sorted(Comparator.comparingDouble(label -> {
                    double dx = x[0] - means[label][0];
                    double dy = x[1] - means[label][1];
                    return (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
                }))
                .toList();
    }

    @Test
    void pointsThatAreAllAlikeHaveNoSpreadAndStillAClass() {
        ClassGaussians classes = new ClassGaussians(3);
        classes.add(4, new double[] {1, 2, 3});
        classes.add(4, new double[] {1, 2, 3});
        assertThat(classes.nearest(new double[] {0, 0, 0}, 3)).containsExactly(4);
    }

    @Test
    void theNetworkChoosesAmongTheNearestClassesAndSeesExamplesOfThem() {
        // a text is a point on a line
        NearestClasses learner = new NearestClasses(
                question -> new double[] {question.charAt("Text: ".length()) - 'a'},
                1,
                new Prompts(Toy.encoder(), List.of("pu", "qu", "ru", "su", "tu"), 200),
                new Progress("", 100));
        List<Integer> all = List.of(0, 1, 2, 3, 4);
        String question = Prompts.question(new Example("q", 0));
        assertThat(learner.candidates(question, all)).isEqualTo(all);
        List<Example> texts = List.of(
                new Example("a", 0),
                new Example("e", 1),
                new Example("n", 2),
                new Example("r", 3),
                new Example("z", 4));
        learner.learn(new ClassStream.Stage(all, texts, texts));
        List<Integer> near = learner.candidates(question, all);
        assertThat(near).containsExactly(3, 2, 4);
        assertThat(learner.context(question, near))
                .isEqualTo("Text: n\nLabel: ru\nText: r\nLabel: su\nText: z\nLabel: tu\n");
    }

    @Test
    void tasksHaveTheNamesOfTheirDataSetAndMethod() {
        ContinualTask task = ContinualTasks.named("banking77@fast-levels");
        assertThat(task).isEqualTo(new ContinualTask(DataSet.BANKING77, Method.FAST_LEVELS));
        assertThat(task.settings().classesPerTask()).isEqualTo(11);
        assertThat(ContinualTasks.names()).hasSize(30).doesNotHaveDuplicates().contains("clinc150@ewc");
        assertThatThrownBy(() -> ContinualTasks.named("clinc@ewc"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("unknown task 'clinc@ewc'; nearest: clinc150@ewc");
    }

    private static Likelihood likelihood(double logLikelihood) {
        return new Likelihood(logLikelihood, 1, false);
    }
}

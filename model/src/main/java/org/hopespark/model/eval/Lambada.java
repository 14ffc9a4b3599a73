package org.hopespark.model.eval;

import java.util.List;
import java.util.SplittableRandom;
import org.hopespark.conf.ConfigException;

/** LAMBADA (Paperno et al. 2016) as OpenAI has kept it: the last word of a passage. */
final class Lambada implements Task {
    private static final int RESAMPLES = 1_000;
    private static final long SEED = 0;

    @Override
    public String name() {
        return "lambada_openai";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<NeededFile> files() {
        return NeededFile.only("lambada_openai_test.jsonl", "lambada_openai_test.jsonl.gz", "lambada_test.jsonl");
    }

    @Override
    public int documents() {
        return 5_153;
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model) {
        List<Request> requests = files.only().jsonLines(limit, (line, place) -> {
            if (!line.path("text").isTextual()) {
                throw new ConfigException(place + ": \"text\" must be a text, found "
                        + PythonText.shorten(line.path("text").toString()) + "; mend or remove the line");
            }
            return request(line.path("text").textValue(), place);
        });
        List<Likelihood> answers = model.continuations(requests);
        double[] logs = answers.stream().mapToDouble(Likelihood::logLikelihood).toArray();
        double[] right = answers.stream().mapToDouble(a -> a.greedy() ? 1 : 0).toArray();
        return List.of(
                new Measurement("perplexity", "", perplexity(logs), bootstrap(logs), logs.length, Double.NaN),
                Measurement.mean("acc", right, 0));
    }

    /** The last piece between single spaces, with its space, after all others. */
    static Request request(String text, String place) {
        int space = text.lastIndexOf(' ');
        if (space < 0) {
            throw new ConfigException(
                    place + ": a passage of one word has nothing to go by: \"" + PythonText.shorten(text) + "\"");
        }
        return new Request(text.substring(0, space), text.substring(space));
    }

    /** Of words, not tokens: exp(-mean of the whole words' log-likelihoods). */
    private static double perplexity(double[] logs) {
        double sum = 0;
        for (double log : logs) {
            sum += log;
        }
        return Math.exp(-sum / logs.length);
    }

    /** Standard deviation (n - 1) over resamples with replacement (Efron 1979). */
    private static double bootstrap(double[] logs) {
        if (logs.length < 2) {
            return Double.NaN;
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] found = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < logs.length; i++) {
                sum += logs[random.nextInt(logs.length)];
            }
            found[r] = Math.exp(-sum / logs.length);
        }
        double error = Measurement.mean("", found, Double.NaN).standardError();
        return error * Math.sqrt(RESAMPLES);
    }
}

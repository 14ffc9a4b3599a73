package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.UserException;

/** LAMBADA (Paperno et al. 2016) as OpenAI has kept it: the last word of a passage. */
final class Lambada implements Task {
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
    public OutputType outputType() {
        return OutputType.LOGLIKELIHOOD;
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
        List<JsonNode> passages = new ArrayList<>();
        List<Request> requests = files.only().jsonLines(limit, (line, place) -> {
            passages.add(line);
            if (!line.path("text").isTextual()) {
                throw new UserException(place + ": \"text\" must be a text, found "
                        + PythonText.shorten(line.path("text").toString()) + "; mend or remove the line");
            }
            return request(line.path("text").textValue(), place);
        });
        List<Likelihood> answers = model.continuations(requests);
        double[] logs = answers.stream().mapToDouble(Likelihood::logLikelihood).toArray();
        double[] right = answers.stream().mapToDouble(a -> a.greedy() ? 1 : 0).toArray();
        for (int i = 0; i < logs.length; i++) {
            log.add(new LoggedSample(
                    passages.get(i),
                    requests.get(i).continuation(),
                    List.of(LoggedSample.Exchange.of(requests.get(i), answers.get(i))),
                    Map.of("perplexity", LoggedSample.score(logs[i]), "acc", LoggedSample.score(right[i]))));
        }
        double error = Bootstrap.errorOfPerplexity(logs);
        return List.of(
                new Measurement("perplexity", "", perplexity(logs), error, logs.length, Double.NaN),
                Measurement.mean("acc", right, 0));
    }

    /** The last piece between single spaces, with its space, after all others. */
    static Request request(String text, String place) {
        int space = text.lastIndexOf(' ');
        if (space < 0) {
            throw new UserException(
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
}

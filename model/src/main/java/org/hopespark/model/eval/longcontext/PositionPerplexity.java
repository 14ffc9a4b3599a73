package org.hopespark.model.eval.longcontext;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.LoggedSample;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.OutputType;
import org.hopespark.model.eval.SampleLog;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;

/**
 * The loss by position in a document: does a model that has read more predict better? Each document of the haystack
 * that is long enough gives its first tokens, so that every position is measured on the same documents. They are read
 * in one go, with state carried.
 *
 * @param length tokens of each document that are read
 */
record PositionPerplexity(int length) implements Task {
    static final String FAMILY = "position_perplexity";

    private static final int FIRST_BUCKET = 256;

    @Override
    public String name() {
        return FAMILY + "@" + length;
    }

    @Override
    public int version() {
        return 1;
    }

    /** Whatever the haystack has. */
    @Override
    public int documents() {
        return 0;
    }

    @Override
    public List<NeededFile> files() {
        return List.of(Haystack.FILE);
    }

    @Override
    public OutputType outputType() {
        return OutputType.LOGLIKELIHOOD_ROLLING;
    }

    @Override
    public List<Measurement> measure(TaskFiles found, int limit, LanguageModel model, SampleLog log) {
        List<String> starts = starts(found.file(Haystack.ROLE), limit, model);
        List<double[]> losses =
                model.carried(starts).stream().map(PositionPerplexity::negated).toList();
        for (int i = 0; i < starts.size(); i++) {
            log.add(logged(starts.get(i), losses.get(i)));
        }
        List<Measurement> result = new ArrayList<>();
        Measurement whole = bucket(losses, 0, length);
        result.add(whole);
        result.add(Measurement.plain("perplexity", Math.exp(whole.value()), whole.n()));
        int from = 0;
        for (int to = Math.min(FIRST_BUCKET, length); from < length; to = (int) Math.min(2L * to, length)) {
            result.add(bucket(losses, from, to).of("position=" + from + ".." + (to - 1)));
            from = to;
        }
        return result;
    }

    private List<String> starts(TaskFile file, int limit, LanguageModel model) {
        List<String> starts = new ArrayList<>();
        for (String document : Haystack.first(file, 0)) {
            String start = Prefix.ofWords(document, length, model::countTokens);
            if (start.length() < document.stripTrailing().length() && !start.isEmpty()) {
                starts.add(start);
            }
            if (starts.size() == limit) {
                break;
            }
        }
        if (starts.isEmpty()) {
            throw new UserException(file.path() + " has no document of more than " + length
                    + " tokens of this model; ask for a shorter length or put longer documents there");
        }
        return starts;
    }

    private static LoggedSample logged(String document, double[] losses) {
        double sum = java.util.Arrays.stream(losses).sum();
        return new LoggedSample(
                JsonNodeFactory.instance.objectNode().put("tokens", losses.length),
                "",
                List.of(LoggedSample.Exchange.of(document, -sum)),
                Map.of("loss", LoggedSample.score(sum / losses.length)));
    }

    private static double[] negated(double[] logProbabilities) {
        return java.util.Arrays.stream(logProbabilities).map(x -> -x).toArray();
    }

    /** The mean over documents of the mean over positions; cut by words, a document can end a little early. */
    private static Measurement bucket(List<double[]> losses, int from, int to) {
        double[] means = losses.stream()
                .filter(loss -> loss.length > from)
                .mapToDouble(loss -> java.util.Arrays.stream(loss, from, Math.min(to, loss.length))
                        .average()
                        .orElseThrow())
                .toArray();
        return Measurement.mean("loss", means, Double.NaN);
    }
}

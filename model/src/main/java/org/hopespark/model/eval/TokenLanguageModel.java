package org.hopespark.model.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.ConfigException;

/**
 * A language model made of a tokenizer and a network.
 *
 * <p>A request is cut into tokens as one text: white space at the end of the context moves to the continuation, the
 * whole and the context are encoded, and the continuation is what the whole has beyond the context's length. Never is a
 * continuation encoded alone, unless there is no context. Only the last M + 1 ids are kept.
 */
public final class TokenLanguageModel implements LanguageModel {
    private final TextEncoder encoder;
    private final Scorer scorer;
    private final EvaluationSettings settings;

    public TokenLanguageModel(TextEncoder encoder, Scorer scorer, EvaluationSettings settings) {
        this.encoder = encoder;
        this.scorer = scorer;
        this.settings = settings;
    }

    @Override
    public List<Likelihood> continuations(List<Request> requests) {
        return score(requests.stream().map(this::window).toList());
    }

    @Override
    public List<Likelihood> documents(List<String> documents) {
        List<Window> windows = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        for (String document : documents) {
            windows.addAll(Window.rolling(encoder.encode(document), encoder.prefixToken(), scorer.maxTokens()));
            ends.add(windows.size());
        }
        List<Likelihood> scores = score(windows);
        List<Likelihood> result = new ArrayList<>();
        int start = 0;
        for (int end : ends) {
            result.add(scores.subList(start, end).stream().reduce(new Likelihood(0, 0, true), Likelihood::plus));
            start = end;
        }
        return result;
    }

    @Override
    public List<double[]> carried(List<String> documents) {
        List<double[]> result = new ArrayList<>();
        Progress progress = new Progress("documents", documents.size());
        for (String document : documents) {
            double[] scores = scorer.carried(Window.prepend(encoder.prefixToken(), encoder.encode(document)));
            if (Arrays.stream(scores).anyMatch(Double::isNaN)) {
                throw notNumbers(scores.length + 1);
            }
            result.add(scores);
            progress.done(result.size());
        }
        return result;
    }

    @Override
    public List<String> write(List<String> prompts, int newTokens) {
        List<String> result = new ArrayList<>();
        Progress progress = new Progress("prompts", prompts.size());
        for (String prompt : prompts) {
            int[] ids = encoder.encode(prompt);
            if (ids.length == 0 || settings.prefix() == PrefixPolicy.ALWAYS) {
                ids = Window.prepend(encoder.prefixToken(), ids);
            }
            result.add(encoder.decode(scorer.write(ids, newTokens)));
            progress.done(result.size());
        }
        return result;
    }

    @Override
    public int countTokens(String text) {
        return encoder.encode(text).length;
    }

    private Window window(Request request) {
        String context = PythonText.stripTrailing(request.context());
        String continuation = request.context().substring(context.length()) + request.continuation();
        int[] whole = encoder.encode(context + continuation);
        int contextIds = context.isEmpty() ? 0 : encoder.encode(context).length;
        if (context.isEmpty() || settings.prefix() == PrefixPolicy.ALWAYS) {
            whole = Window.prepend(encoder.prefixToken(), whole);
            contextIds++;
        }
        int targets = whole.length - contextIds;
        if (targets < 1) {
            throw new ConfigException("the continuation \"" + PythonText.shorten(continuation)
                    + "\" has no token of its own in the tokenizer " + encoder.name() + " after the context \""
                    + PythonText.shorten(context) + "\": this task cannot be scored with it");
        }
        if (targets > scorer.maxTokens()) {
            throw new ConfigException("the continuation \"" + PythonText.shorten(continuation) + "\" has " + targets
                    + " tokens, but the model is fed at most " + scorer.maxTokens() + ": raise the maximum length");
        }
        int from = Math.max(0, whole.length - scorer.maxTokens() - 1);
        return new Window(Arrays.copyOfRange(whole, from, whole.length), targets);
    }

    /** Longest first, so that memory runs out at once or never and a batch holds like lengths. */
    private List<Likelihood> score(List<Window> windows) {
        List<Integer> order = IntStream.range(0, windows.size())
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> windows.get(i).ids().length)
                        .reversed())
                .toList();
        Likelihood[] result = new Likelihood[windows.size()];
        Progress progress = new Progress("sequences", order.size());
        for (int from = 0; from < order.size(); from += settings.batchSize()) {
            List<Integer> batch = order.subList(from, Math.min(order.size(), from + settings.batchSize()));
            List<TokenScores> scores =
                    scorer.score(batch.stream().map(i -> windows.get(i).ids()).toList());
            for (int k = 0; k < batch.size(); k++) {
                result[batch.get(k)] = checked(scores.get(k), windows.get(batch.get(k)));
            }
            progress.done(from + batch.size());
        }
        return Collections.unmodifiableList(Arrays.asList(result));
    }

    private static Likelihood checked(TokenScores scores, Window window) {
        if (scores.length() != window.ids().length - 1) {
            throw new IllegalStateException("the scorer gave " + scores.length() + " scores for a sequence of "
                    + window.ids().length + " ids, expected one less than ids");
        }
        Likelihood likelihood = scores.last(window.targets());
        if (Double.isNaN(likelihood.logLikelihood())) {
            throw notNumbers(window.ids().length);
        }
        return likelihood;
    }

    private static IllegalStateException notNumbers(int ids) {
        return new IllegalStateException("the model's log-probabilities are not numbers (NaN) in a sequence of " + ids
                + " ids: the checkpoint has diverged or is damaged");
    }
}

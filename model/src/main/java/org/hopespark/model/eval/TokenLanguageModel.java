package org.hopespark.model.eval;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.UserException;

/**
 * A language model made of a tokenizer and a network.
 *
 * <p>A request is cut into tokens as one text: white space at the end of the context moves to the continuation, the
 * whole and the context are encoded, and the continuation is what the whole has beyond the context's length. Never is a
 * continuation encoded alone, unless there is no context. Only the last M + 1 ids are kept.
 */
public final class TokenLanguageModel implements LanguageModel {
    /** States at once over sequences at once: few, because those of large models are large. */
    private static final int STATES = 4;

    private final TextEncoder encoder;
    private final Scorer scorer;
    private final EvaluationSettings settings;
    private final RequestCache cache;

    public TokenLanguageModel(TextEncoder encoder, Scorer scorer, EvaluationSettings settings) {
        this(encoder, scorer, settings, RequestCache.NONE);
    }

    /** A model whose answers are kept; what is known is not asked again. */
    public TokenLanguageModel(TextEncoder encoder, Scorer scorer, EvaluationSettings settings, RequestCache cache) {
        this.encoder = encoder;
        this.scorer = scorer;
        this.settings = settings;
        this.cache = cache;
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
            String request = "write " + newTokens + " after " + digest(ids);
            String known = cache.find(request).orElse(null);
            if (known == null) {
                known = encoder.decode(scorer.write(ids, newTokens));
                cache.add(request, known);
            }
            result.add(known);
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
            throw new UserException("the continuation \"" + PythonText.shorten(continuation)
                    + "\" has no token of its own in the tokenizer " + encoder.name() + " after the context \""
                    + PythonText.shorten(context) + "\": this task cannot be scored with it");
        }
        if (targets > scorer.maxTokens()) {
            throw new UserException("the continuation \"" + PythonText.shorten(continuation) + "\" has " + targets
                    + " tokens, but the model is fed at most " + scorer.maxTokens() + ": raise the maximum length");
        }
        int from = Math.max(0, whole.length - scorer.maxTokens() - 1);
        return new Window(Arrays.copyOfRange(whole, from, whole.length), targets);
    }

    private List<Likelihood> score(List<Window> windows) {
        Likelihood[] result = new Likelihood[windows.size()];
        List<String> requests = windows.stream()
                .map(w -> "score " + w.targets() + " of " + digest(w.ids()))
                .toList();
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < result.length; i++) {
            Optional<Likelihood> known = cache.find(requests.get(i)).map(Likelihood::parse);
            if (known.isPresent()) {
                result[i] = known.get();
            } else {
                open.add(i);
            }
        }
        Progress progress = new Progress("sequences", result.length);
        int done = result.length - open.size();
        for (List<List<Integer>> batch : batches(open, windows)) {
            List<Integer> members = batch.stream().flatMap(List::stream).toList();
            List<TokenScores> scores = batch.size() < members.size()
                    ? scorer.scoreFamilies(batch.stream()
                            .map(family -> family.stream().map(windows::get).toList())
                            .toList())
                    : scorer.score(members.stream().map(windows::get).toList());
            for (int k = 0; k < members.size(); k++) {
                int i = members.get(k);
                result[i] = checked(scores.get(k), windows.get(i));
                cache.add(requests.get(i), result[i].print());
            }
            done += members.size();
            progress.done(done);
        }
        return Collections.unmodifiableList(Arrays.asList(result));
    }

    /**
     * Places of the windows to score, batch by batch: longest first, so that a batch holds like lengths. No batch has
     * more tokens than {@code batchSize} sequences of the model's context. Windows of one context that is longer than
     * what follows it are a family; a batch holds either families whose contexts have one length, or windows that have
     * no family.
     */
    private List<List<List<Integer>>> batches(List<Integer> open, List<Window> windows) {
        Map<IntBuffer, List<Integer>> byContext = new LinkedHashMap<>();
        for (int i : open) {
            byContext
                    .computeIfAbsent(IntBuffer.wrap(windows.get(i).context()), context -> new ArrayList<>())
                    .add(i);
        }
        Map<Integer, List<List<Integer>>> byLength = new TreeMap<>(Comparator.reverseOrder());
        byContext.forEach((context, family) -> {
            int shared =
                    scorer.sharesContexts() && family.size() > 1 && longest(family, windows) < 2 * context.remaining()
                            ? context.remaining()
                            : 0;
            byLength.computeIfAbsent(shared, key -> new ArrayList<>()).addAll(parts(family, shared, windows));
        });
        List<List<List<Integer>>> batches = new ArrayList<>();
        byLength.forEach((shared, families) -> {
            families.sort(Comparator.comparingInt((List<Integer> family) -> longest(family, windows))
                    .reversed());
            List<List<Integer>> batch = new ArrayList<>();
            int members = 0;
            for (List<Integer> family : families) {
                int longest = longest(batch.isEmpty() ? family : batch.get(0), windows);
                if (!batch.isEmpty() && !fits(batch.size() + 1, members + family.size(), shared, longest)) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                    members = 0;
                }
                batch.add(family);
                members += family.size();
            }
            if (!batch.isEmpty()) {
                batches.add(batch);
            }
        });
        return batches;
    }

    /** A family in parts that fit into a batch; each window for itself where no context is shared. */
    private List<List<Integer>> parts(List<Integer> family, int shared, List<Window> windows) {
        int longest = longest(family, windows);
        int most = 1;
        while (shared > 0 && most < family.size() && fits(1, most + 1, shared, longest)) {
            most++;
        }
        List<List<Integer>> parts = new ArrayList<>();
        for (int from = 0; from < family.size(); from += most) {
            parts.add(family.subList(from, Math.min(family.size(), from + most)));
        }
        return parts;
    }

    /** Whether so many windows may be scored at once; where contexts are shared, each holds a state of its own. */
    private boolean fits(int contexts, int members, int shared, int longest) {
        long tokens = (long) contexts * shared + (long) members * (longest - 1 - shared);
        boolean fewStates = shared == 0 || members <= STATES * settings.batchSize();
        return fewStates && tokens <= (long) settings.batchSize() * scorer.maxTokens();
    }

    private static int longest(List<Integer> family, List<Window> windows) {
        return family.stream().mapToInt(i -> windows.get(i).ids().length).max().orElse(0);
    }

    private static Likelihood checked(TokenScores scores, Window window) {
        if (scores.length() != window.targets()) {
            throw new IllegalStateException(
                    "the scorer gave " + scores.length() + " scores for a window of " + window.targets() + " targets");
        }
        Likelihood likelihood = scores.sum();
        if (Double.isNaN(likelihood.logLikelihood())) {
            throw notNumbers(window.ids().length);
        }
        return likelihood;
    }

    /** SHA-256 of ids. */
    private static String digest(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
        bytes.asIntBuffer().put(ids);
        return DigestUtils.sha256Hex(bytes.array());
    }

    private static IllegalStateException notNumbers(int ids) {
        return new IllegalStateException("the model's log-probabilities are not numbers (NaN) in a sequence of " + ids
                + " ids: the checkpoint has diverged or is damaged");
    }
}

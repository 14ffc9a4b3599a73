package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A network that reads sequences piece by piece, without gradients: what the tokens so far leave behind is an
 * {@link InferenceState}, and several continuations can branch off from one.
 */
public final class Inference {
    private final Network network;
    private final Architecture architecture;
    private final Torch torch;
    private final InContext inContext;

    Inference(Network network) {
        this.network = network;
        architecture = network.architecture();
        torch = network.torch();
        inContext = network.inContext();
    }

    /** Logits of what follows each id of one document, in row-major [T,V]; no gradient. */
    public double[] logits(int... ids) {
        return read(
                ids,
                hidden -> torch.call("head_logits", hidden, network.levels().leaf(architecture.head()))
                        .get(0));
    }

    /** A text as a point: the mean over its tokens of what the head reads, [D]; no gradient. */
    public double[] features(int... ids) {
        return read(ids, hidden -> hidden.mean(new int[] {0}));
    }

    /** What is made of the rows [T,D] that the head reads of one document. */
    private double[] read(int[] ids, UnaryOperator<NDArray> result) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, 0);
            NDArray hidden = inContext.isOn()
                    ? network.normalise(advance(List.of(), 0, inputs, new ArrayList<>()))
                    : network.hidden(inputs);
            return Network.numbers(result.apply(hidden));
        }
    }

    /** The state of a sequence that has no tokens yet. */
    public InferenceState begin() {
        if (network.isAutoEncoder()) {
            throw new IllegalStateException("an auto-encoder reads whole sequences");
        }
        return new InferenceState(
                torch.manager().newSubManager(), network.blocks().size() + inContext.lists(), inContext.periods());
    }

    /** A state that {@link InferenceState#save} wrote. */
    public InferenceState resume(InputStream in) throws IOException {
        InferenceState state = begin();
        state.load(in);
        return state;
    }

    /**
     * Feeds a sequence its next tokens.
     *
     * @param state of the sequence, moved on
     * @param ids at least one
     * @return logits [V] of the id that follows
     */
    public double[] advance(InferenceState state, int... ids) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, state.tokens());
            NDArray last = network.normalise(advance(state, inputs)).get(ids.length - 1 + ":" + ids.length);
            return Network.numbers(
                    torch.call("head_logits", last, network.levels().leaf(architecture.head()))
                            .get(0));
        }
    }

    /**
     * Feeds a sequence its next tokens.
     *
     * @param state of the sequence, moved on
     * @param ids T of them, at least one
     * @param targets T ids that follow
     * @return scores [T] of the targets
     */
    public Network.Scores advance(InferenceState state, int[] ids, int[] targets) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, state.tokens());
            NDArray expected =
                    manager.create(Arrays.stream(targets).asLongStream().toArray());
            return network.score(network.normalise(advance(state, inputs)), expected);
        }
    }

    /** What leaves the last block; the state has moved on. */
    private NDArray advance(InferenceState state, Inputs inputs) {
        List<NDList> next = new ArrayList<>();
        NDArray x = advance(state.lists(), state.tokens(), inputs, next);
        next.forEach(list -> list.forEach(NDScope::unregister));
        state.advance(next, inputs.tokens());
        return x;
    }

    /**
     * What leaves the last block.
     *
     * @param before state of each block, then {@link InContextState}; nothing before the first token
     * @param seen tokens before
     * @param next receives the state after
     */
    private NDArray advance(List<NDList> before, long seen, Inputs inputs, List<NDList> next) {
        NDArray x = network.embed(inputs);
        int first = inContext.firstBlock();
        for (int i = 0; i < first; i++) {
            NDList arguments = new NDList(x);
            arguments.addAll(inputs.span(0, inputs.tokens()));
            if (!before.isEmpty()) {
                arguments.addAll(Torch.named("state", before.get(i)));
            }
            arguments.addAll(network.blocks().get(i).parameters());
            NDList result = torch.call(network.blocks().get(i).method(before.isEmpty()), arguments);
            x = result.remove(0);
            next.add(result);
        }
        return inContext.isOn()
                ? inContext.advance(
                        before.subList(Math.min(first, before.size()), before.size()), seen, inputs, x, next)
                : x;
    }

    /**
     * Scores what may follow contexts. Each context is read once, however many continuations it has; what it has taught
     * the network in context is each continuation's to continue from.
     *
     * @param contexts of one length, at least one id each
     * @param continuations of each context, at least one id each
     * @return scores of the ids of each continuation, context by context
     */
    public List<Network.Scores> continuations(List<int[]> contexts, List<List<int[]>> continuations) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            List<NDList> states = new ArrayList<>();
            int seen = contexts.get(0).length;
            Inputs inputs = Inputs.following(manager, architecture.model(), contexts, 0);
            NDArray last = advance(List.of(), 0, inputs, states).get(":, " + (seen - 1) + ":" + seen);

            List<int[]> all = continuations.stream().flatMap(List::stream).toList();
            NDArray owner = manager.create(IntStream.range(0, contexts.size())
                    .flatMap(
                            i -> IntStream.range(0, continuations.get(i).size()).map(k -> i))
                    .asLongStream()
                    .toArray());
            NDArray begun =
                    branch(List.of(new NDList(last)), owner, inputs).get(0).get(0);
            NDArray firstIds =
                    manager.create(all.stream().mapToLong(ids -> ids[0]).toArray());
            Network.Scores first = network.score(network.normalise(begun), firstIds);

            int tokens = all.stream().mapToInt(ids -> ids.length - 1).max().orElse(0);
            Network.Scores rest = new Network.Scores(new double[0], new double[0]);
            if (tokens > 0) {
                // what is filled up comes after all that is scored
                List<int[]> rows =
                        all.stream().map(ids -> Arrays.copyOf(ids, tokens)).toList();
                long[] targets = new long[all.size() * tokens];
                Arrays.fill(targets, TokenBatch.NO_TARGET);
                for (int i = 0; i < all.size(); i++) {
                    for (int t = 1; t < all.get(i).length; t++) {
                        targets[i * tokens + t - 1] = all.get(i)[t];
                    }
                }
                List<NDList> branched = branch(states, owner, inputs);
                states.forEach(NDList::close);
                NDArray x = advance(
                        branched, seen, Inputs.following(manager, architecture.model(), rows, seen), new ArrayList<>());
                rest = network.score(network.normalise(x), manager.create(targets));
            }
            List<Network.Scores> result = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                int count = all.get(i).length;
                double[] logProbabilities = new double[count];
                double[] greedy = new double[count];
                logProbabilities[0] = first.logProbabilities()[i];
                greedy[0] = first.greedy()[i];
                System.arraycopy(rest.logProbabilities(), i * tokens, logProbabilities, 1, count - 1);
                System.arraycopy(rest.greedy(), i * tokens, greedy, 1, count - 1);
                result.add(new Network.Scores(logProbabilities, greedy));
            }
            return result;
        }
    }

    /** States of sequences that continue {@code sequences} of those that were read. */
    private List<NDList> branch(List<NDList> states, NDArray sequences, Inputs read) {
        NDList flat = new NDList();
        states.forEach(flat::addAll);
        NDList branched = torch.call("branch", Torch.named("s", flat, sequences, read.ids()));
        List<NDList> result = new ArrayList<>();
        int from = 0;
        for (NDList state : states) {
            result.add(new NDList(branched.subList(from, from + state.size())));
            from += state.size();
        }
        return result;
    }
}

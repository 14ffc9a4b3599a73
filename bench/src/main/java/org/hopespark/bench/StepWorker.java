package org.hopespark.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.hopespark.cluster.BoundarySynchroniser;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.nio.NioTransport;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.ElementType;
import org.hopespark.model.Network;
import org.hopespark.model.ShardSpec;
import org.hopespark.model.StepReport;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;

/**
 * One worker of {@code bench cluster}: a process that trains on made-up tokens with one thread.
 *
 * <p>It reads a {@link Spec} and, once it has printed where it listens, the addresses of all workers; it prints its
 * {@link StepFigures} last. It ends when its input does, so that no worker outlives the command.
 */
final class StepWorker {
    static final String LISTENS = "listens: ";
    static final String FIGURES = "figures: ";
    static final ObjectMapper MAPPER = new ObjectMapper();

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private StepWorker() {}

    /** What the workers do with each other. */
    enum Meeting {
        /** All train at once, but nobody hears of the others. */
        NONE,
        BOUNDARIES
    }

    /**
     * What a worker receives.
     *
     * @param token of the group
     * @param key that its workers prove to each other to have
     * @param ranks N
     * @param host where to listen
     * @param warmUpSteps not measured
     * @param steps measured
     * @param config resolved, as YAML
     */
    record Spec(
            String token,
            String key,
            int rank,
            int ranks,
            String host,
            Meeting meeting,
            long warmUpSteps,
            long steps,
            String config) {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Spec spec = MAPPER.readValue(in.readLine(), Spec.class);
        RunConfig config = RunConfig.parse("the benchmark", spec.config());
        Network.useThreads(1);
        ShardSpec share = share(spec, config);
        Sender self = new Sender(new Generation(UUID.fromString(spec.token()), 1), spec.ranks(), spec.rank());
        try (NioTransport transport = NioTransport.listen(spec.host(), self, GenerationKey.decode(spec.key()));
                Network network = new Network(config, ElementType.FLOAT32, -1, share)) {
            say(LISTENS, transport.member());
            transport.join(MAPPER.readValue(in.readLine(), new TypeReference<List<Member>>() {}));
            endWith(in);
            BoundarySync sync = spec.meeting() == Meeting.NONE
                    ? BoundarySync.alone()
                    : new BoundarySynchroniser(
                            new Collective(transport, TIMEOUT, config.exchange().ringAboveWorkers()));
            WorkerBatch batch = batch(spec, config);
            List<StepReport> reports = new ArrayList<>();
            new TrainingLoop(config, network, sync, step -> batch, reports::add, (step, windows) -> {})
                    // the last one settles what is delayed, and is not measured
                    .run(1, spec.warmUpSteps() + spec.steps() + 1);
            List<Level> levels = config.schedule().levels();
            List<Long> elements = levels.stream()
                    .map(level -> network.levels().gradient(level).elements())
                    .toList();
            List<StepReport> measured = reports.subList((int) spec.warmUpSteps(), reports.size() - 1);
            say(FIGURES, StepFigures.of(measured, levels, elements));
        }
    }

    private static ShardSpec share(Spec spec, RunConfig config) {
        if (spec.meeting() == Meeting.NONE) {
            return ShardSpec.WHOLE;
        }
        boolean sharded = config.exchange().shardsOptimizer(spec.ranks());
        return new ShardSpec(
                spec.rank(), spec.ranks(), sharded ? ShardSpec.Optimizer.SHARDED : ShardSpec.Optimizer.REPLICATED);
    }

    private static void say(String mark, Object value) throws IOException {
        System.out.println(mark + MAPPER.writeValueAsString(value));
    }

    private static void endWith(BufferedReader in) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (in.read() >= 0) {
                            // nothing more is said
                        }
                    } catch (IOException gone) {
                        // as good as an end
                    }
                    Runtime.getRuntime().halt(3);
                },
                "hope-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** The same sequences at every step. */
    private static WorkerBatch batch(Spec spec, RunConfig config) {
        Random random = new Random(config.seed() + spec.rank());
        int tokens = config.model().contextTokens();
        List<TokenBatch.Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < config.training().batchSequences() / spec.ranks(); i++) {
            long[] ids = random.longs(tokens + 1L, 0, config.model().vocabularySize())
                    .toArray();
            sequences.add(new TokenBatch.Sequence(
                    Arrays.copyOf(ids, tokens), Arrays.copyOfRange(ids, 1, ids.length), new int[0]));
        }
        int most = config.training().microBatchSequences();
        List<TokenBatch> parts = new ArrayList<>();
        for (int from = 0; from < sequences.size(); from += most) {
            parts.add(new TokenBatch(sequences.subList(from, Math.min(from + most, sequences.size()))));
        }
        return new WorkerBatch(parts);
    }
}

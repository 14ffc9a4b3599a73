package org.hopespark.jobs.evaluate;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.DataSet;
import org.hopespark.data.Manifest;
import org.hopespark.data.Storage;
import org.hopespark.data.Tokenizer;
import org.hopespark.data.TokenizerInfo;
import org.hopespark.jobs.pretrain.HeldOutShare;
import org.hopespark.jobs.pretrain.RunFolder;
import org.hopespark.model.ElementType;
import org.hopespark.model.InferenceState;
import org.hopespark.model.Network;
import org.hopespark.model.Sampler;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.Windows;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TextEncoder;

/** A checkpoint as a model that can be put to tasks: its network, and the tokenizer of the data it was trained on. */
public final class TrainedModel implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final RunConfig config;
    private final Network network;
    private final Tokenizer tokenizer;
    private final DataSet dataSet;

    /**
     * Loads a checkpoint.
     *
     * @param location URI of its folder
     * @param data URI of a data set for {@link #heldOut}, empty for that of the run
     */
    public TrainedModel(String location, String data, Configuration hadoop) {
        this(location, data, List.of(), hadoop, -1);
    }

    /**
     * The same.
     *
     * @param overrides settings over those of the run; they must not change any parameter
     * @param gpu number of the GPU, or -1 for the CPU
     */
    public TrainedModel(String location, String data, List<String> overrides, Configuration hadoop, int gpu) {
        Path folder = new Path(location);
        CheckpointStore store = new CheckpointStore(folder.getParent().toString(), hadoop);
        checkpoint = store.list().stream()
                .filter(c -> new Path(c.location()).getName().equals(folder.getName()))
                .findFirst()
                .orElseThrow(() -> new ConfigException("there is no readable checkpoint at " + location));
        config = RunFolder.config(checkpoint).with(overrides);
        Storage storage = new Storage(hadoop);
        dataSet = data.isEmpty() ? dataOfRun(checkpoint, storage) : DataSet.open(data, storage);
        int vocabulary = dataSet.manifest().recipe().tokenizer().vocabularySize();
        if (vocabulary != config.model().vocabularySize()) {
            throw new ConfigException("checkpoint " + location + " has a vocabulary of "
                    + config.model().vocabularySize() + ", data set " + data + " one of " + vocabulary
                    + ": evaluate on data prepared with the tokenizer of the run");
        }
        tokenizer = dataSet.tokenizer();
        network = new Network(config, ElementType.FLOAT32, gpu);
        store.load(
                checkpoint.only(TrainedModel::isParameters),
                network.sectionsToLoad(Windows.FOLDED).stream()
                        .filter(section -> isParameters(section.name()))
                        .toList());
        network.sectionsLoaded();
    }

    private static DataSet dataOfRun(Checkpoint checkpoint, Storage storage) {
        DataSet newest = DataSet.open(RunFolder.data(checkpoint), storage);
        return newest.ofIdentity(RunFolder.dataIdentity(checkpoint)).orElse(newest);
    }

    private static boolean isParameters(String section) {
        return section.endsWith(".parameters");
    }

    /** What was loaded. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** What the ids of the network stand for. */
    public TokenizerInfo tokenizer() {
        return dataSet.manifest().recipe().tokenizer();
    }

    /** The network. */
    public Network network() {
        return network;
    }

    /** The network as tasks see it. */
    public NetworkScorer scorer() {
        return new NetworkScorer(network, tokenizer.documentEnd());
    }

    /** Its tokenizer as tasks see it. */
    public TextEncoder encoder() {
        return new TokenizerEncoder(tokenizer, tokenizer());
    }

    /** The held-out split, or its first {@code rows} rows; 0 for all. */
    public HeldOut heldOut(int rows) {
        return () -> {
            HeldOutShare.Sums sums = HeldOutShare.sums(network, heldOutRows(rows));
            // exact for the whole split; a part of it is taken to have the split's bytes per target
            return new HeldOut.Sums(sums.loss(), sums.targets(), Math.round(bytesPerTarget() * sums.targets()));
        };
    }

    /** The rows of the held-out split, or the first {@code rows} of them; 0 for all. */
    public Iterator<TokenBatch.Sequence> heldOutRows(int rows) {
        if (dataSet.manifest().validation().targetTokens() == 0) {
            throw new ConfigException(
                    "the data set has no held-out rows: prepare it with a larger validation-fraction");
        }
        return HeldOutShare.rows(dataSet, rows);
    }

    /** UTF-8 bytes that a target of the held-out split spells, on average. */
    public double bytesPerTarget() {
        Manifest.Split split = dataSet.manifest().validation();
        return (double) split.utf8Bytes() / split.targetTokens();
    }

    /** The configuration of the network. */
    public RunConfig config() {
        return config;
    }

    /**
     * Text that the model writes after a prompt.
     *
     * @param state of the sequence so far, moved on
     */
    public String continueText(InferenceState state, String prompt, int tokens, Sampler sampler) {
        IntStream start = state.tokens() == 0 ? IntStream.of(tokenizer.documentStart()) : IntStream.empty();
        int[] ids =
                IntStream.concat(start, Arrays.stream(tokenizer.encode(prompt))).toArray();
        return tokenizer.decode(sampler.continueFrom(network, state, ids, tokens, tokenizer.documentEnd()));
    }

    /** Text that the model writes after a prompt that begins a document. */
    public String continueText(String prompt, int tokens, Sampler sampler) {
        try (InferenceState state = network.begin()) {
            return continueText(state, prompt, tokens, sampler);
        }
    }

    @Override
    public void close() {
        network.close();
        try {
            tokenizer.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

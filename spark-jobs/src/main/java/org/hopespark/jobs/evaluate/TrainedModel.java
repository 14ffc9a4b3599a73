package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerExport;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.jobs.adapter.HeldOutShare;
import org.hopespark.jobs.adapter.NetworkScorer;
import org.hopespark.jobs.adapter.TokenizerEncoder;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.model.Accumulators;
import org.hopespark.model.ElementType;
import org.hopespark.model.InferenceState;
import org.hopespark.model.Network;
import org.hopespark.model.Sampler;
import org.hopespark.model.SectionKind;
import org.hopespark.model.StateSection;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TextEncoder;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint, or what was exported of one, as a model that can be put to tasks: its network, and the tokenizer of the
 * data it was trained on.
 */
public final class TrainedModel implements AutoCloseable {
    /** The section of an exported model, and so the name of its file: what others look for. */
    public static final String WHOLE = "model";

    private final Checkpoint checkpoint;
    private final RunConfig config;
    private final Network network;
    private final TokenizerInfo tokenizerInfo;
    private final Tokenizer tokenizer;
    private final Map<String, byte[]> tokenizerFile;
    private final Storage storage;
    // opened when it is needed: a model that only writes does without
    private @Nullable DataSet dataSet;

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
        checkpoint = store.open(location);
        config = RunFolder.config(checkpoint).with(overrides);
        storage = new Storage(hadoop);
        Optional<TokenizerInfo> own = RunFolder.tokenizer(checkpoint);
        if (data.isEmpty() && own.isPresent()) {
            tokenizerInfo = own.get();
            tokenizer = Tokenizers.open(tokenizerInfo, checkpoint.folder(), storage);
            tokenizerFile = Tokenizers.content(tokenizerInfo, checkpoint.folder(), storage);
        } else {
            DataSet given = data.isEmpty() ? dataOfRun(checkpoint, storage) : DataSet.open(data, storage);
            dataSet = given;
            tokenizerInfo = given.manifest().recipe().tokenizer();
            requireFit(data, tokenizerInfo, own);
            tokenizer = given.tokenizer();
            tokenizerFile = given.tokenizerFile();
        }
        network = new Network(config, ElementType.FLOAT32, gpu);
        try {
            store.load(checkpoint.only(TrainedModel::isParameters), parameterSections());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        network.levels().sectionsLoaded();
    }

    /**
     * The newest whole checkpoint of a run; what is damaged is skipped, and reported.
     *
     * @param run its folder, or one checkpoint
     */
    public static TrainedModel newest(
            String run, String data, List<String> overrides, Configuration hadoop, int gpu, PrintWriter told)
            throws IOException {
        List<String> problems = new ArrayList<>();
        for (String location : Checkpoints.newestFirst(run, hadoop)) {
            try {
                TrainedModel model = new TrainedModel(location, data, overrides, hadoop, gpu);
                problems.forEach(problem -> told.println("warning: " + problem));
                if (!problems.isEmpty()) {
                    told.println("using " + location + " instead");
                    told.flush();
                }
                return model;
            } catch (CheckpointFailedException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        throw UserException.of("no checkpoint at " + run + " is whole", problems);
    }

    private void requireFit(String data, TokenizerInfo ofData, Optional<TokenizerInfo> own) {
        if (ofData.vocabularySize() != config.model().vocabularySize()) {
            throw new UserException("checkpoint " + checkpoint + " has a vocabulary of "
                    + config.model().vocabularySize() + ", data set " + data + " one of " + ofData.vocabularySize()
                    + ": evaluate on data prepared with the tokenizer of the run");
        }
        if (own.isPresent() && !own.get().sha256().equals(ofData.sha256())) {
            throw new UserException("checkpoint " + checkpoint + " was trained on ids of tokenizer '"
                    + own.get().name() + "' (" + own.get().sha256() + "), data set " + data + " has those of '"
                    + ofData.name() + "' (" + ofData.sha256()
                    + "): evaluate on data prepared with the tokenizer of the run");
        }
    }

    private DataSet dataSet() {
        if (dataSet == null) {
            dataSet = dataOfRun(checkpoint, storage);
        }
        return dataSet;
    }

    private static DataSet dataOfRun(Checkpoint checkpoint, Storage storage) {
        DataSet newest = DataSet.open(RunFolder.data(checkpoint), storage);
        return newest.ofIdentity(RunFolder.dataIdentity(checkpoint)).orElse(newest);
    }

    private static boolean isParameters(String section) {
        return SectionKind.PARAMETERS.matches(section) || section.equals(WHOLE);
    }

    /** All parameters of a network as one section, as an exported model has them. */
    public static StateSection whole(Network network) {
        return new StateSection(WHOLE, network.levels().parameters());
    }

    private List<StateSection> parameterSections() {
        if (checkpoint.parts().stream().anyMatch(part -> part.section().equals(WHOLE))) {
            return List.of(whole(network));
        }
        return network.levels().sectionsToLoad(Accumulators.REDUCED).stream()
                .filter(section -> isParameters(section.name()))
                .toList();
    }

    /** What was loaded. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** What the ids of the network stand for. */
    public TokenizerInfo tokenizer() {
        return tokenizerInfo;
    }

    /** Its tokenizer as files for others. */
    public Map<String, byte[]> tokenizerFiles() {
        return TokenizerExport.files(
                tokenizerInfo, tokenizerFile, config.model().contextTokens());
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
        if (dataSet().manifest().validation().targetTokens() == 0) {
            throw new UserException("the data set has no held-out rows: prepare it with a larger validation-fraction");
        }
        return HeldOutShare.rows(dataSet(), rows);
    }

    /** UTF-8 bytes that a target of the held-out split spells, on average. */
    public double bytesPerTarget() {
        Manifest.Split split = dataSet().manifest().validation();
        return (double) split.utf8Bytes() / split.targetTokens();
    }

    /** The configuration of the network. */
    public RunConfig config() {
        return config;
    }

    /** Text that the model writes after a prompt that begins a document. */
    public String continueText(String prompt, int tokens, Sampler sampler) {
        try (InferenceState state = network.inference().begin()) {
            return new WrittenText(state, tokenizer.documentStart()).continueWith(this, prompt, tokens, sampler);
        }
    }

    /** Its tokenizer. */
    Tokenizer encoding() {
        return tokenizer;
    }

    /** Differs whenever a parameter or the tokenizer does. */
    String identity() {
        return checkpoint.only(TrainedModel::isParameters).parts().stream()
                        .map(Checkpoint.Part::sha256)
                        .collect(Collectors.joining("+"))
                + "/" + tokenizer().sha256();
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

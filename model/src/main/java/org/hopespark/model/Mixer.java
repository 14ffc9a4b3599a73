package org.hopespark.model;

import java.util.List;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.LinearConfig;
import org.hopespark.conf.MambaConfig;
import org.hopespark.conf.MixerConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TitansConfig;
import org.hopespark.conf.TitansLmmConfig;
import org.hopespark.conf.TttConfig;

/**
 * How the tokens of a block see each other: the door for new ones. All that a network knows of a mixer is here; equal
 * mixers share their functions in the archive.
 *
 * <p>To add one: a record of its settings beside {@link TitansConfig}, a class beside {@link TitansMixer}, chosen in
 * {@link #of}, and a script that defines {@code mix} as {@code attention.torchscript} does; its other functions and
 * constants are its own, whatever other mixers call theirs. A naive loop over tokens, beside {@code TokenAttention} of
 * the tests, is what it is compared with.
 */
interface Mixer {

    /** The mixer that a configuration asks for. */
    static Mixer of(ModelConfig model, MixerConfig config) {
        if (config instanceof TitansConfig titans) {
            return new TitansMixer(model, titans);
        }
        if (config instanceof AttentionConfig attention) {
            return new AttentionMixer(model, attention);
        }
        if (config instanceof LinearConfig linear) {
            return new LinearMixer(model, linear);
        }
        if (config instanceof TitansLmmConfig lmm) {
            return new LmmMixer(model, lmm);
        }
        if (config instanceof TttConfig ttt) {
            return new TttMixer(model, ttt);
        }
        if (config instanceof MambaConfig mamba) {
            return new MambaMixer(model, mamba);
        }
        throw new IllegalArgumentException("no mixer for " + config.text());
    }

    /** The mixers of a model, each once. */
    static List<Mixer> kinds(ModelConfig model) {
        return model.mixers().stream().distinct().map(each -> of(model, each)).toList();
    }

    /** For each block the place of its mixer among {@link #kinds}. */
    static List<Integer> kindOfBlocks(ModelConfig model) {
        List<MixerConfig> kinds = model.mixers().stream().distinct().toList();
        return model.mixers().stream().map(kinds::indexOf).toList();
    }

    /**
     * Its parameters in the order in which its script takes them.
     *
     * @param prefix of their names
     */
    List<ParameterSpec> parameters(ParameterSpecs specs, String prefix);

    /** How many those are. */
    int parameterCount();

    /** Functions, among them {@code mix}, and the constants that they call. */
    String script();

    /** More methods of the archive's module, for tests; the functions that they call are this mixer's. */
    default String methods() {
        return "";
    }

    /** Whether memories are written, of which {@code mix} gives statistics. */
    boolean hasMemories();

    /** Whether a sequence is carried on with a state of constant size, so that backward can be computed in spans. */
    boolean hasConstantState();

    /** Multiplications and additions for a token, besides those of matrices that every token is multiplied with. */
    double flopsPerToken();

    /** Bytes that autograd keeps for a token, the inner state left out. */
    long activationBytesPerToken();

    /**
     * Numbers of the state of a sequence.
     *
     * @param copies of what is written
     * @param tokens of a span, at the chunks of which copies exist; 0 for one state
     */
    long stateOfSequence(int copies, long tokens);
}

package org.hopespark.conf;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The architecture: in every block a sequence mixer and a continuum memory, one MLP a level. Hope mixes with
 * self-modifying Titans (Nested Learning, section 8.3); Hope-Attention with softmax attention; attention and one level
 * are a Transformer++. A {@code pattern} mixes in other ways from block to block.
 *
 * @param vocabularySize token ids, those that mark documents included
 * @param width D of the residual stream
 * @param blocks number of blocks
 * @param mixer how tokens see each other in every block, where there is no {@code pattern}
 * @param pattern mixers of the first blocks, each a name such as {@code titans} alone or with settings, as often
 *     repeated as there are {@code blocks} to fill; empty for {@code mixer} in all of them
 * @param headWidth width of one head of the mixer; divides {@code width}
 * @param chunkTokens tokens for which inner gradients are taken at one state (Eq. 90); divides the context
 * @param contextTokens tokens of a training sequence
 * @param documents what happens at a document start inside a sequence
 * @param memory the memories of self-modifying Titans
 * @param continuum how the MLPs of the levels are combined
 * @param inContext what of the continuum memory sequences update on their own
 * @param activation of the continuum-memory MLPs
 * @param ropeBase base of the rotary position embedding of mixers that have one
 * @param ropeScaling how that embedding is stretched to longer contexts
 * @param normEpsilon what is added to the mean square under the root of every normalisation
 * @param tiedEmbeddings whether the head's matrix is the embedding; if not, it is a parameter of its own, {@code head}
 * @param precision of the large matrix products; parameters, gradients and inner state stay in float32
 */
public record ModelConfig(
        int vocabularySize,
        int width,
        int blocks,
        Mixer mixer,
        List<MixerConfig> pattern,
        int headWidth,
        int chunkTokens,
        int contextTokens,
        Documents documents,
        MemoryConfig memory,
        Continuum continuum,
        InContextConfig inContext,
        Activation activation,
        double ropeBase,
        RopeScalingConfig ropeScaling,
        double normEpsilon,
        boolean tiedEmbeddings,
        Precision precision) {

    /** How tokens see each other. */
    public enum Mixer {
        TITANS,
        ATTENTION,
        RETNET,
        DELTANET,
        GATED_DELTANET,
        MAMBA,
        MAMBA2,
        KDA,
        GATED_DELTANET2,
        TTT_LINEAR,
        TTT_MLP,
        TITANS_LMM
    }

    /** What a document start inside a sequence does: forget everything before, or continue. */
    public enum Documents {
        RESET,
        CARRY
    }

    /** How the MLPs of the levels are combined (Nested Learning, section 7.1). */
    public enum Continuum {
        /** One after the other, fastest first (Eq. 70 and 73). */
        SEQUENTIAL,
        /** The same chain; each level's MLP starts from a state that the next slower level learns (Eq. 72). */
        NESTED,
        /** Side by side, added up with learned weights (Eq. 74). */
        INDEPENDENT
    }

    /** Nonlinearity of the continuum-memory MLPs. */
    public enum Activation {
        GELU,
        SILU_GATED
    }

    /** What large matrix products are computed in. */
    public enum Precision {
        FLOAT32,
        BFLOAT16
    }

    /** The mixer of each name as it is by default. */
    private static final Map<Mixer, MixerConfig> BY_NAME = Arrays.stream(Mixer.values())
            .collect(Collectors.toUnmodifiableMap(
                    mixer -> mixer,
                    mixer -> RecordBinder.members(MixerConfig.class).stream()
                            .filter(member -> RecordBinder.memberName(member).equals(RecordBinder.kebab(mixer.name())))
                            .flatMap(member -> RecordBinder.defaultOf(member).stream())
                            .map(MixerConfig.class::cast)
                            .findFirst()
                            .orElseThrow()));

    static final ModelConfig DEFAULT = new ModelConfig(
            257,
            256,
            4,
            Mixer.TITANS,
            List.of(),
            64,
            64,
            512,
            Documents.RESET,
            MemoryConfig.DEFAULT,
            Continuum.SEQUENTIAL,
            InContextConfig.DEFAULT,
            Activation.SILU_GATED,
            10_000,
            RopeScalingConfig.DEFAULT,
            1e-6,
            true,
            Precision.FLOAT32);

    public ModelConfig {
        pattern = List.copyOf(pattern);
        Checks checks = new Checks();
        checks.that(vocabularySize > 1, "vocabulary-size must be > 1, got " + vocabularySize);
        checks.that(
                width > 0 && headWidth > 0 && width % headWidth == 0,
                "head-width " + headWidth + " must divide width " + width);
        checks.that(blocks > 0, "blocks must be >= 1, got " + blocks);
        for (MixerConfig each : mixers(mixer, pattern, 1)) {
            each.check(checks, width, each.headWidth() == 0 ? headWidth : each.headWidth(), contextTokens);
        }
        checks.that(
                pattern.isEmpty() || (blocks > 0 && blocks % pattern.size() == 0),
                "pattern has " + pattern.size() + " mixers, which must divide the number of blocks, " + blocks);
        checks.that(
                chunkTokens > 0 && contextTokens > 0 && contextTokens % chunkTokens == 0,
                "chunk-tokens " + chunkTokens + " must divide context-tokens " + contextTokens);
        int main = memory.mainChunkTokens();
        checks.that(
                main == 0
                        || chunkTokens <= 0
                        || ((main % chunkTokens == 0 || chunkTokens % main == 0) && contextTokens % main == 0),
                "memory.main-chunk-tokens " + main + " must divide context-tokens " + contextTokens
                        + ", and be a divisor or a multiple of chunk-tokens " + chunkTokens);
        checks.that(
                inContext.blocks() <= blocks,
                "in-context.blocks " + inContext.blocks() + " must be at most blocks " + blocks);
        checks.that(ropeBase > 1, "rope-base must be > 1, got " + ropeBase);
        checks.that(normEpsilon > 0 && normEpsilon < 1, "norm-epsilon must be > 0 and < 1, got " + normEpsilon);
        ropeScaling.check(checks);
        checks.done();
    }

    /** Upper end of a token's inner learning rate. */
    public double etaMaxOfToken() {
        return memory.etaMax() / (memory.innerRule().isFrozen() ? Math.max(chunkTokens, mainChunkTokens()) : 1);
    }

    /** Why the memories of this model are likely to diverge, in words; empty if they are not. */
    public List<String> risks() {
        return hasMemories() ? memory.risks(chunkTokens, mainChunkTokens()) : List.of();
    }

    /** The mixer of each block. */
    public List<MixerConfig> mixers() {
        return mixers(mixer, pattern, blocks);
    }

    private static List<MixerConfig> mixers(Mixer mixer, List<MixerConfig> pattern, int blocks) {
        List<MixerConfig> repeated = pattern.isEmpty() ? List.of(requireNonNull(BY_NAME.get(mixer))) : pattern;
        return IntStream.range(0, Math.max(blocks, repeated.size()))
                .mapToObj(i -> repeated.get(i % repeated.size()))
                .toList();
    }

    /** The mixers in words, such as {@code titans} or {@code titans, attention (window 512)}. */
    public String mixing() {
        return mixers(mixer, pattern, 1).stream().map(MixerConfig::text).collect(Collectors.joining(", "));
    }

    /** Whether any block has memories. */
    public boolean hasMemories() {
        return mixers().stream().anyMatch(TitansConfig.class::isInstance);
    }

    /** Whether queries and keys of any block turn with their positions. */
    public boolean rotates() {
        return mixers().stream().anyMatch(MixerConfig::rotates);
    }

    /** Number of heads of a mixer. */
    public int heads(MixerConfig mixer) {
        return width / headWidth(mixer);
    }

    /** Width of a head of a mixer. */
    public int headWidth(MixerConfig mixer) {
        return mixer.headWidth() == 0 ? headWidth : mixer.headWidth();
    }

    /** Number of heads where a mixer does not say another. */
    public int heads() {
        return width / headWidth;
    }

    /** Chunk of the main memory. */
    public int mainChunkTokens() {
        return memory.mainChunkTokens() == 0 ? chunkTokens : memory.mainChunkTokens();
    }

    /** Whether any block restarts at chunks alone. */
    public boolean hasChunks() {
        return mixers().stream().anyMatch(each -> each.restartTokens(this) > 0);
    }

    /** Documents start at multiples of this many tokens, so that inner state can restart there. */
    public int alignTokens() {
        return mixers().stream()
                .mapToInt(each -> each.restartTokens(this))
                .filter(tokens -> tokens > 0)
                .reduce(1, ModelConfig::leastCommonMultiple);
    }

    /** A context is a multiple of this many tokens. */
    public int contextUnit() {
        return leastCommonMultiple(Math.max(chunkTokens, mainChunkTokens()), alignTokens());
    }

    private static int leastCommonMultiple(int a, int b) {
        return a / BigInteger.valueOf(a).gcd(BigInteger.valueOf(b)).intValue() * b;
    }
}

package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;

/**
 * The parameters of a network by the level that owns them, with their gradients and their optimizer: what is exchanged,
 * updated and saved. {@link Network} computes the gradients, {@link Boundary} calls the rest.
 */
public final class Levels {
    private final Architecture architecture;
    private final Torch torch;
    private final ShardSpec share;
    private final Map<Level, LevelState> states = new LinkedHashMap<>();
    private final InitialStates initialStates;
    private final GradientNorm gradientNorm;
    private final LevelUpdate update;

    /** All levels of an architecture, with initial values that follow from the configuration's seed. */
    Levels(RunConfig config, Architecture architecture, Torch torch, ElementType type, ShardSpec share) {
        this.architecture = architecture;
        this.torch = torch;
        this.share = share;
        for (Level level : architecture.schedule().levels()) {
            List<List<ParameterSpec>> groups = architecture.backwardGroups().stream()
                    .map(group -> group.stream()
                            .filter(spec -> spec.level().equals(level))
                            .toList())
                    .toList();
            List<Optimizer> optimizers =
                    Optimizer.of(config.levels().get(level.index() - 1).optimizer());
            long bucketElements = Math.max(1, (config.exchange().bucketKib() << 10) / type.bytes());
            LevelLayout layout = new LevelLayout(groups, optimizers, share, bucketElements);
            states.put(level, new LevelState(torch, type, level, layout, optimizers, share, config.seed()));
        }
        gradientNorm = new GradientNorm(torch, share);
        update = new LevelUpdate(torch);
        initialStates = new InitialStates(torch, architecture, this::state);
        states.keySet().forEach(initialStates::reset);
    }

    /** Live views of the parameters, in the order of the architecture. */
    public List<NamedTensor> parameters() {
        Map<String, NamedTensor> byName = new HashMap<>();
        states.values()
                .forEach(state ->
                        state.sections().parameterTensors().forEach(tensor -> byName.put(tensor.name(), tensor)));
        return architecture.parameters().stream()
                .map(spec -> requireNonNull(byName.get(spec.name())))
                .toList();
    }

    /**
     * A level's parameters as one vector, laid out as its {@link #gradient}: a view that is refreshed by each call, not
     * to be written.
     */
    public FlatBuffer values(Level level) {
        FlatTensor parameters = state(level).parameters();
        parameters.pull();
        return parameters.buffer();
    }

    /** The gradient that a level has accumulated since its last boundary. */
    public LevelGradient gradient(Level level) {
        return new LevelGradient(state(level));
    }

    /** Fingerprint of each level's parameters, fastest level first. */
    public long[] digests() {
        return states.keySet().stream().mapToLong(this::digest).toArray();
    }

    /** Fingerprint of a level's parameters. */
    public long digest(Level level) {
        return AtRest.fingerprint(state(level).sections().parameterTensors());
    }

    /**
     * How far a level's parameters are from where they began, relative to their norm there; seen on a sample of them.
     */
    public double drift(Level level) {
        return state(level).drift().value();
    }

    /** Lets {@link #drift} count from the parameters as they are now, which were written from outside. */
    public void resetDrift() {
        states.values().forEach(state -> state.drift().reset());
    }

    /**
     * To be called at a level's boundary before its gradient is exchanged: where a slower level learns the initial
     * state of this one's parameters, the window counts for that, too.
     */
    public void addInitialStateGradient(Level level) {
        initialStates.addGradients(level);
    }

    /**
     * Updates a level at its boundary from the sum of its window's gradients, and clears that sum; parameters whose
     * initial state the level owns restart from it. Levels that are due at one step are updated fastest first. A level
     * that is optimized at every step is to be updated at every step, and moves at its boundaries.
     *
     * @param step the boundary, where the learning rate is read
     * @return norm of the window's gradient as the level reduces it, before clipping
     * @throws DivergedException if that is not finite; parameters and moments are then as they were
     */
    public double update(Level level, long step, TrainingConfig training) {
        LevelState state = state(level);
        double norm = gradientNorm.of(state, step, gradientNorm.squares(state), level.gradientFactor(step));
        update(level, step, training, norm);
        resetToInitial(level);
        return norm;
    }

    /**
     * Updates a level from the gradient of a single step, as if C^(l) were 1.
     *
     * @throws DivergedException if the gradient is not finite; parameters and moments are then as they were
     */
    public void updateFromOneStep(Level level, long step, TrainingConfig training) {
        LevelState state = state(level);
        double norm = gradientNorm.of(state, step, gradientNorm.squares(state), 1);
        update.update(state, training.learningRateAt(step), training, norm, 1);
        if (level.isOptimizedEveryStep()) {
            update.applyUpdates(state);
        }
        resetToInitial(level);
    }

    /** Live views of what this worker writes of a checkpoint: its slices of everything. */
    public List<StateSection> sectionsToSave(Accumulators windows) {
        return sections(level -> level.toSave(windows));
    }

    /** Live views of what this worker reads of a checkpoint; of {@link #openWindows} apart. */
    public List<StateSection> sectionsToLoad(Accumulators windows) {
        return sections(level -> level.toLoad(windows));
    }

    /** Live views of this worker's own gradients since the last boundaries. */
    public List<StateSection> openWindows() {
        return sections(level -> List.of(level.openWindow()));
    }

    /** To be called after {@link #sectionsToLoad} were written from outside. */
    public void sectionsLoaded() {
        states.values().forEach(state -> state.sections().loaded());
    }

    private List<StateSection> sections(Function<LevelSections, List<StateSection>> of) {
        return states.values().stream()
                .flatMap(state -> of.apply(state.sections()).stream())
                .toList();
    }

    /** This worker's part of the state. */
    ShardSpec share() {
        return share;
    }

    LevelState state(Level level) {
        return requireNonNull(states.get(level), () -> "the network has no level " + level);
    }

    private LevelState state(ParameterSpec spec) {
        return state(spec.level());
    }

    /** The trainable view of a parameter. */
    NDArray leaf(ParameterSpec spec) {
        return state(spec).leaf(spec);
    }

    /** Where the gradient of a parameter accumulates. */
    NDArray gradientView(ParameterSpec spec) {
        return state(spec).gradientView(spec);
    }

    /**
     * Forgets a window that closes before warm-up has ended. What a slower level learns of initial states keeps it: its
     * own window may be a later one. Of a level that is optimized at every step the updates are forgotten, not the
     * moments, which warm-up is for.
     */
    void dropWindow(Level level) {
        LevelState state = state(level);
        if (level.isOptimizedEveryStep()) {
            update.clearUpdates(state);
        } else {
            addInitialStateGradient(level);
            torch.call("zero", state.gradient().tensor()).close();
        }
    }

    /** Resets the parameters whose initial state a level owns to that state. */
    void resetToInitial(Level level) {
        initialStates.reset(level);
    }

    /** The levels whose parameters change when some are updated: those, and those that restart from them. */
    Set<Level> touchedBy(Collection<Level> updated) {
        return initialStates.touchedBy(updated);
    }

    /** The norms of the levels' gradients. */
    GradientNorm gradientNorm() {
        return gradientNorm;
    }

    /** Updates what this worker updates of a level, and clears the whole gradient. */
    void update(Level level, long step, TrainingConfig training, double norm) {
        LevelState state = state(level);
        update.update(state, training.learningRateAt(step), training, norm, level.gradientFactor(step));
        if (level.isOptimizedEveryStep() && level.isDueAt(step, training.warmupSteps())) {
            update.applyUpdates(state);
        }
    }
}

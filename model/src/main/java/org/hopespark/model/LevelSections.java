package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.hopespark.conf.Level;

/** A level as checkpoints hold it: live views of its vectors by tensor, in sections. */
final class LevelSections {
    private final LevelState state;
    private final LevelLayout layout;
    private final Level level;
    private final ShardSpec share;

    LevelSections(LevelState state, ShardSpec share) {
        this.state = state;
        this.share = share;
        layout = state.layout();
        level = state.level();
    }

    /**
     * What this worker writes of a checkpoint: its slices of the parameters by name, of the optimizer's state, and of
     * the window.
     */
    List<StateSection> toSave(Accumulators windows) {
        state.vectors().forEach(FlatTensor::pull);
        List<Bucket.Range> own = ranges(layout::owned);
        List<StateSection> sections = new ArrayList<>();
        sections.add(section(SectionKind.PARAMETERS, share, named("", state.parameters(), own)));
        sections.add(section(SectionKind.OPTIMIZER, share, optimizer(own, share.rank() == 0)));
        sections.add(
                windows == Accumulators.REDUCED
                        ? section(SectionKind.ACCUMULATOR, share, foldedWindow())
                        : openWindow());
        return sections;
    }

    /**
     * What this worker reads of a checkpoint: all parameters, the part of the optimizer's state that it holds, and, of
     * folded windows, the slices that are its own.
     */
    List<StateSection> toLoad(Accumulators windows) {
        List<StateSection> sections = new ArrayList<>();
        sections.add(
                section(SectionKind.PARAMETERS, ShardSpec.WHOLE, named("", state.parameters(), ranges(Bucket::whole))));
        sections.add(section(SectionKind.OPTIMIZER, ShardSpec.WHOLE, optimizer(ranges(layout::updated), true)));
        if (windows == Accumulators.REDUCED) {
            sections.add(section(SectionKind.ACCUMULATOR, ShardSpec.WHOLE, foldedWindow()));
        }
        return sections;
    }

    /** This worker's own sum since the last boundary. */
    StateSection openWindow() {
        return section(SectionKind.WINDOW, share, windowTensors());
    }

    /** To be called after sections were written from outside. */
    void loaded() {
        state.vectors().forEach(FlatTensor::push);
    }

    /** Live views of the parameters by name. */
    List<NamedTensor> parameterTensors() {
        state.parameters().pull();
        return named("", state.parameters(), ranges(Bucket::whole));
    }

    /** Live views of what this worker holds of the optimizer's state. */
    List<NamedTensor> optimizerTensors() {
        state.optimizers().forEach(each -> each.vectors().forEach(FlatTensor::pull));
        return optimizer(ranges(layout::updated), true);
    }

    /** Live views of this worker's sum since the last boundary. */
    List<NamedTensor> windowTensors() {
        state.gradient().pull();
        return named("gradient.", state.gradient(), ranges(Bucket::whole));
    }

    private List<NamedTensor> foldedWindow() {
        return named("gradient.", state.gradient(), ranges(layout::owned));
    }

    private List<NamedTensor> optimizer(List<Bucket.Range> moments, boolean withCount) {
        List<NamedTensor> optimizer = new ArrayList<>();
        for (OptimizerState each : state.optimizers()) {
            for (String slot : each.slots()) {
                optimizer.addAll(named(
                        slot + ".",
                        layout.specs(each.optimizer()),
                        shape -> each.shape(slot, shape),
                        moments,
                        range -> each.held(slot, range)));
            }
        }
        if (withCount) {
            optimizer.add(new NamedTensor("boundaries", List.of(1L), state.optimizerSteps()));
        }
        return optimizer;
    }

    private StateSection section(SectionKind kind, ShardSpec of, List<NamedTensor> tensors) {
        return new StateSection(kind.nameFor(level), of.rank(), of.ranks(), tensors);
    }

    private List<Bucket.Range> ranges(Function<Bucket, Bucket.Range> part) {
        return layout.buckets().stream().map(part).toList();
    }

    /** The elements of every tensor that lie in the ranges; tensors outside have none. */
    private List<NamedTensor> named(String prefix, FlatTensor tensor, List<Bucket.Range> ranges) {
        return named(
                prefix,
                layout.specs(),
                shape -> shape,
                ranges,
                range -> tensor.buffer().range(range.from(), range.to()));
    }

    /** A tensor lies in one bucket, and there in the part with weight decay or in the other. */
    private List<NamedTensor> named(
            String prefix,
            List<ParameterSpec> specs,
            UnaryOperator<List<Long>> shapes,
            List<Bucket.Range> ranges,
            Function<Bucket.Range, FlatBuffer> elements) {
        List<NamedTensor> result = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            List<Long> shape = shapes.apply(spec.shape());
            if (shape.contains(0L)) {
                continue;
            }
            Bucket.Range tensor = layout.range(spec);
            Bucket.Range found = ranges.stream()
                    .map(tensor::and)
                    .filter(range -> range.elements() > 0)
                    .findFirst()
                    .orElse(new Bucket.Range(tensor.from(), tensor.from()));
            result.add(
                    new NamedTensor(prefix + spec.name(), shape, found.from() - tensor.from(), elements.apply(found)));
        }
        return result;
    }
}

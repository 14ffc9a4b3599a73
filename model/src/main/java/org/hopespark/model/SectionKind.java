package org.hopespark.model;

import org.hopespark.conf.Level;

/** What a section of a checkpoint holds of its level; the second part of the section's name. */
public enum SectionKind {
    /** Parameters by name. */
    PARAMETERS("parameters"),
    /** State slots of the optimizer by slot and parameter, and its number of updates. */
    OPTIMIZER("optimizer"),
    /** Gradients since the last boundary, summed over all workers ({@link Accumulators#REDUCED}). */
    ACCUMULATOR("accumulator"),
    /** Gradients since the last boundary of one worker ({@link Accumulators#LOCAL}). */
    WINDOW("window");

    private final String title;

    SectionKind(String title) {
        this.title = title;
    }

    /** The section's name, such as {@code level-2.parameters} or {@code level-2-phase-4.window}. */
    String nameFor(Level level) {
        return "level-" + level.index() + (level.phaseSteps() > 0 ? "-phase-" + level.phaseSteps() : "") + "." + title;
    }

    /** Whether a section of this name is of this kind. */
    public boolean matches(String section) {
        return section.endsWith("." + title);
    }
}

package org.hopespark.model.eval.continual;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Ways to learn a stream of tasks. All but the last two descend the mean over a batch's texts of -log p(label | text)
 * with AdamW, without weight decay; but where noted, every level is updated after every batch.
 */
public enum Method {
    /** Each task's texts, one after the other: what forgetting is measured against. */
    NAIVE,
    /** At each task all texts of all tasks so far: what would be reached if nothing were forgotten. */
    JOINT,
    /** Half of each batch comes from a reservoir of earlier texts (Chaudhry et al. 2019, experience replay). */
    REPLAY,
    /** Elastic weight consolidation (Kirkpatrick et al. 2017), see {@link ElasticWeights}. */
    EWC,
    /** Learning without forgetting (Li and Hoiem 2016), see {@link Distillation}. */
    LWF,
    /** Only the parameters with given names move. */
    FROZEN,
    /** Every level is updated with its own period, so that slow levels stay slow (Nested Learning, Eq. 71). */
    LEVELS,
    /** Only level 1 moves, and slower levels stay as pretraining left them. */
    FAST_LEVELS,
    /** No update; the training texts stand before the question. */
    IN_CONTEXT,
    /** No update; those of the classes that are nearest to the question do, see {@link NearestClasses}. */
    INCA;

    /** As in task names. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> titles() {
        return Arrays.stream(values()).map(Method::title).toList();
    }
}

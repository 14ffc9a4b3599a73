package org.hopespark.model.eval.continual;

import java.util.List;

/** One way to learn tasks that come one after the other. */
interface Learner {
    /** Learns a task, which does not come again. */
    void learn(ClassStream.Stage stage);

    /** Which of these classes are asked for. */
    default List<Integer> candidates(String question, List<Integer> all) {
        return all;
    }

    /** What stands before a question with the longest answer of these classes. */
    default String context(String question, List<Integer> candidates) {
        return "";
    }
}

package org.hopespark.conf;

import java.io.Serializable;
import java.util.List;

/**
 * Evaluation texts that a corpus must not hold: a document that shares an n-gram of words with one is removed. Words
 * are compared without case, accents and punctuation, numbers all alike, as datatrove's {@code simplify_text} does; 13
 * of them in a row are the measure of GPT-3 (Brown et al. 2020, arXiv:2005.14165, appendix C). Evaluation texts of
 * fewer words cannot be found.
 *
 * @param ngramWords n, words in a row that must not be shared
 * @param evaluations files of evaluation texts
 */
public record DecontaminateConfig(int ngramWords, List<Evaluation> evaluations) implements StageConfig {
    static final DecontaminateConfig DEFAULT = new DecontaminateConfig(13, List.of());

    /**
     * The texts of one task.
     *
     * @param task its name, by which removed documents are counted
     * @param path a file of JSON lines, a folder or a pattern, on any file system that Hadoop knows
     * @param fields what makes the text of a row, in order, separated by blanks: names, with points between those of
     *     fields in fields; a field that is a list gives a text for each of its items
     */
    public record Evaluation(String task, String path, List<String> fields) implements Serializable {
        public Evaluation {
            Checks checks = new Checks();
            fields = List.copyOf(fields);
            checks.that(!task.isBlank(), "task must not be empty");
            checks.that(!fields.isEmpty(), "fields must name at least one field");
            checks.done();
        }
    }

    public DecontaminateConfig {
        Checks checks = new Checks();
        evaluations = List.copyOf(evaluations);
        checks.that(ngramWords >= 1, "ngram-words must be >= 1, got " + ngramWords);
        checks.done();
    }
}

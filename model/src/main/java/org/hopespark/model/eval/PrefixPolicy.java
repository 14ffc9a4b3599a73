package org.hopespark.model.eval;

/** When the prefix token (begin or end of text) stands before a context. It moves scores, so results name it. */
public enum PrefixPolicy {
    /** Only where there is no context: the rule for tokenizers that add no begin-of-text id by themselves. */
    WHEN_EMPTY,
    /** Before every context. */
    ALWAYS
}

package org.hopespark.cluster;

/** The parts of a collective operation, as messages and errors name them. */
public enum Phase {
    /** Every worker reports to every other one where it stands. */
    OPENING("opening"),
    /** Every worker sends each slice to its owner, who adds. */
    REDUCE_SCATTER("reduce-scatter"),
    /** The owners send the finished slices to everyone. */
    ALL_GATHER("all-gather"),
    /** The last messages have left and wait to be confirmed. */
    CONFIRMATION("confirmation");

    private final String words;

    Phase(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}

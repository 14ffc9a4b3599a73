package org.hopespark.jobs.schedule;

/** How a job has ended that has not failed. */
public enum Outcome {
    /** Everything is there, and this run has made some of it. */
    DONE(0),
    /** Everything was there before. */
    NOTHING_TO_DO(10),
    /** Everything that could be read is there; some rows or files could not. */
    PARTLY_BAD(11);

    private final int exitCode;

    Outcome(int exitCode) {
        this.exitCode = exitCode;
    }

    /** What a scheduler is told; a job that fails has 1, and one that is called wrongly 2. */
    public int exitCode() {
        return exitCode;
    }
}

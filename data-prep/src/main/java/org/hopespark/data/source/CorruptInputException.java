package org.hopespark.data.source;

import org.hopespark.text.Secrets;
import org.jspecify.annotations.Nullable;

/** A file of the corpus is not what its name promises. The message names file and row, what is wrong, what to do. */
public final class CorruptInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String place;
    private final String problem;
    private final boolean endsFile;
    private final long rows;

    private CorruptInputException(
            String place, String problem, String remedy, boolean endsFile, long rows, @Nullable Throwable cause) {
        super(Secrets.hidden(place + ": " + problem + "; " + remedy), cause);
        this.place = Secrets.hidden(place);
        this.problem = Secrets.hidden(problem);
        this.endsFile = endsFile;
        this.rows = rows;
    }

    /** One row is bad; the next can be read. */
    public static CorruptInputException row(String place, String problem) {
        return new CorruptInputException(
                place, problem, "correct the row, or let a larger max-bad leave it out", false, 1, null);
    }

    /** The rest of the file is lost. */
    static CorruptInputException file(String place, String problem, @Nullable Throwable cause) {
        return rest(place, problem, 1, cause);
    }

    /** The rest of the file is lost, of which it is known how many rows it has. */
    static CorruptInputException rest(String place, String problem, long rows, @Nullable Throwable cause) {
        return new CorruptInputException(
                place,
                problem,
                "fetch the file again, or let a larger max-bad leave out the rest of it",
                true,
                Math.max(1, rows),
                cause);
    }

    /** File and row. */
    public String place() {
        return place;
    }

    /** What is wrong there. */
    public String problem() {
        return problem;
    }

    /** How many are lost, as far as the file shows; at least 1. */
    public long rows() {
        return rows;
    }

    /** Whether nothing after the bad place can be read. */
    public boolean endsFile() {
        return endsFile;
    }
}

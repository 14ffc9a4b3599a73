package org.hopespark.jobs.schedule;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;

/** How a job has ended that has not failed. */
public enum Outcome {
    /** Everything is there, and this run has made some of it. */
    DONE(0, 0),
    /** Everything was there before. */
    NOTHING_TO_DO(10, 0),
    /** Everything that could be read is there; some rows or files could not. */
    PARTLY_BAD(11, 0),
    /** The same, and of a whole input, or of all files of one format in it, there is nothing. */
    INPUT_WITHOUT_DOCUMENTS(11, 1);

    private final int exitCode;
    private final int plainExitCode;

    Outcome(int exitCode, int plainExitCode) {
        this.exitCode = exitCode;
        this.plainExitCode = plainExitCode;
    }

    /** Whether none of the inputs has a file yet, which is printed: nights may bring nothing. */
    public static boolean isQuiet(List<Input> inputs, Storage storage, PrintStream out) {
        if (!InputFile.listIfThere(inputs, storage).isEmpty()) {
            return false;
        }
        out.println("nothing to do: no file has come to "
                + inputs.stream().map(Input::path).collect(Collectors.joining(", ")));
        return true;
    }

    /** Without a scheduler: what is done is 0, but for what nobody can have meant. */
    public int plainExitCode() {
        return plainExitCode;
    }

    /** What a scheduler receives; a job that fails has 1, and one that is called wrongly 2. */
    public int exitCode() {
        return exitCode;
    }
}

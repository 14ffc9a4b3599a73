package org.hopespark.files;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** A local disk that forces what it holds to its medium in a way of its own. */
public interface LocalDisk {
    /** Makes safe what was written to a file so far. */
    void syncFile(Path file) throws IOException;

    /** Makes safe which files and folders a folder has. */
    void syncFolder(Path folder) throws IOException;
}

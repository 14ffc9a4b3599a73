package org.hopespark.data.source;

import java.util.Map;
import java.util.Optional;

/** The documents of a file of rows with named columns. */
interface RowReader extends DocumentReader {
    /**
     * The columns of the next row.
     *
     * @return by name, with points between those of nested ones; true if it is not in another one; empty at the end
     * @throws CorruptInputException if the row is none
     */
    Optional<Map<String, Boolean>> nextColumns();
}

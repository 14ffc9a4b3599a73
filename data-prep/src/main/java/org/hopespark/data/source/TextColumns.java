package org.hopespark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;

/**
 * Looks for the columns of texts in the first rows of files and the footers of Parquet files, before any file is read
 * as a whole: a column that a file does not have is a mistake in the settings, not in its rows.
 */
public final class TextColumns {
    private static final int ROWS = 100;
    private static final int THREADS = 16;
    private static final int MISTAKES = 10;

    /** What others call it, in the order of a guess. */
    private static final List<String> USUAL = List.of("text", "content", "contents", "raw_content", "body", "document");

    private static final String UNKNOWN = "NAME";

    private TextColumns() {}

    /**
     * Refuses files without their column of texts. What cannot be read at all is left to the readers.
     *
     * @throws UserException naming the files, the columns they have, and the setting
     */
    public static void require(List<InputFile> files, Storage storage) {
        List<String> mistakes = mistakes(files, storage);
        if (!mistakes.isEmpty()) {
            throw new UserException(String.join("\n", mistakes.subList(0, Math.min(MISTAKES, mistakes.size())))
                    + (mistakes.size() > MISTAKES ? "\nand " + (mistakes.size() - MISTAKES) + " more" : ""));
        }
    }

    private static List<String> mistakes(List<InputFile> files, Storage storage) {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Optional<String>>> looked = new ArrayList<>();
            files.forEach(file -> looked.add(threads.submit(() -> mistake(file, storage))));
            List<String> mistakes = new ArrayList<>();
            for (Future<Optional<String>> future : looked) {
                future.get().ifPresent(mistakes::add);
            }
            return mistakes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it looked at the inputs", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Optional<String> mistake(InputFile file, Storage storage) {
        List<String> columns = others(file, storage);
        if (columns.isEmpty()) {
            return Optional.empty();
        }
        RowText texts = new RowText(file);
        if (texts.joins()) {
            return Optional.of(file.path() + " has not all the columns of the template, "
                    + String.join(", ", texts.columns()) + " (it has " + String.join(", ", columns)
                    + "): correct --text-template, or text-template at its input in the file of settings");
        }
        return Optional.of(
                file.path() + " has no column of texts '" + file.input().textColumn() + "' (it has "
                        + String.join(", ", columns) + "): give --text-column " + guess(columns) + ", or text-column: "
                        + guess(columns) + " at its input in the file of settings; --text-template joins several");
    }

    private static String guess(List<String> columns) {
        for (String usual : USUAL) {
            for (String column : columns) {
                if (column.toLowerCase(Locale.ROOT).equals(usual)) {
                    return column;
                }
            }
        }
        for (String column : columns) {
            if (USUAL.contains(column.substring(column.lastIndexOf('.') + 1))) {
                return column;
            }
        }
        return UNKNOWN;
    }

    /** The columns of a file that has none of texts, as far as can be seen; otherwise none. */
    private static List<String> others(InputFile file, Storage storage) {
        if (!file.problem().isEmpty()) {
            return List.of();
        }
        try {
            return switch (file.format()) {
                case PARQUET -> ParquetTextReader.columnsOtherThanText(file, storage);
                case JSONL, JSON, CSV, TSV, ARROW -> columnsOfRows(file, storage);
                case TEXT, HTML, ARCHIVE, WARC, AUTO -> List.of();
            };
        } catch (UserException | CorruptInputException e) {
            return List.of(); // it is met again when the file is read, and counted there
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> columnsOfRows(InputFile file, Storage storage) throws IOException {
        Map<String, Boolean> columns = new LinkedHashMap<>();
        List<String> wanted = new RowText(file).columns();
        InputPart whole = new InputPart(file, 0, 1);
        try (RowReader reader = (RowReader) DocumentReader.open(whole, storage)) {
            for (int row = 0; row < ROWS; row++) {
                try {
                    Optional<Map<String, Boolean>> more = reader.nextColumns();
                    if (more.isEmpty()) {
                        break;
                    }
                    more.get().forEach(columns::putIfAbsent);
                } catch (CorruptInputException e) {
                    if (e.endsFile()) {
                        break;
                    }
                }
                if (columns.keySet().containsAll(wanted)) {
                    return List.of();
                }
            }
        }
        List<String> top = columns.keySet().stream()
                .filter(column -> columns.getOrDefault(column, false))
                .toList();
        boolean nested = wanted.stream().anyMatch(column -> column.contains("."));
        return nested || guess(top).equals(UNKNOWN) ? List.copyOf(columns.keySet()) : top;
    }
}

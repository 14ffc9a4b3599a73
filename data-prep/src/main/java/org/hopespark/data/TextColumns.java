package org.hopespark.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.hopespark.conf.ConfigException;

/**
 * Looks for the columns of texts in the first rows of JSON lines and the footers of Parquet files, before any file is
 * read as a whole: a column that a file does not have is a mistake in the settings, not in its rows.
 */
public final class TextColumns {
    private static final int ROWS = 100;
    private static final int THREADS = 16;
    private static final int MISTAKES = 10;

    /** What others call it, in the order of a guess. */
    private static final List<String> USUAL = List.of("text", "content", "contents", "raw_content", "body", "document");

    private TextColumns() {}

    /**
     * Refuses files without their column of texts. What cannot be read at all is left to the readers.
     *
     * @throws ConfigException naming the files, the columns they have, and the setting
     */
    public static void require(List<InputFile> files, Storage storage) {
        List<String> mistakes = mistakes(files, storage);
        if (!mistakes.isEmpty()) {
            throw new ConfigException(String.join("\n", mistakes.subList(0, Math.min(MISTAKES, mistakes.size())))
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
        return Optional.of(file.path() + " has no column of texts '" + file.textColumn() + "' (it has "
                + String.join(", ", columns) + "): give --text-column " + guess(columns) + ", or text-column: "
                + guess(columns) + " at its input in the file of settings");
    }

    private static String guess(List<String> columns) {
        for (String usual : USUAL) {
            for (String column : columns) {
                if (column.toLowerCase(Locale.ROOT).equals(usual)) {
                    return column;
                }
            }
        }
        return "NAME";
    }

    /** The columns of a file that has none of texts, as far as can be seen; otherwise none. */
    private static List<String> others(InputFile file, Storage storage) {
        if (!file.problem().isEmpty()) {
            return List.of();
        }
        try {
            return switch (file.format()) {
                case PARQUET -> ParquetTextReader.columnsOtherThanText(file, storage);
                case JSONL -> columnsOfLines(file, storage);
                default -> List.of();
            };
        } catch (ConfigException | CorruptInputException e) {
            return List.of(); // it is met again when the file is read, and counted there
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> columnsOfLines(InputFile file, Storage storage) throws IOException {
        Set<String> columns = new LinkedHashSet<>();
        try (JsonLinesReader reader = new JsonLinesReader(file, storage)) {
            for (int row = 0; row < ROWS; row++) {
                try {
                    Optional<Set<String>> more = reader.nextColumns();
                    if (more.isEmpty()) {
                        break;
                    }
                    columns.addAll(more.get());
                } catch (CorruptInputException e) {
                    if (e.endsFile()) {
                        break;
                    }
                }
                if (columns.contains(file.textColumn())) {
                    return List.of();
                }
            }
        }
        return List.copyOf(columns);
    }
}

package org.hopespark.data.source;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.data.io.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Comma- or tab-separated values (RFC 4180) with a row of names at the top; quoted values may hold line breaks. Where
 * the names have no comma, semicolons separate, as some spreadsheets write them. The id of a row without one is its
 * number.
 *
 * <p>The bytes go through the parser one to a character, since delimiters and quotes are ASCII; so a value that is no
 * UTF-8 costs its own row alone.
 */
final class DelimitedReader implements RowReader {
    private static final int LONGEST_HEADER = 1 << 16;

    private final InputFile file;
    private final RowText texts;
    private final CsvParser parser;
    private final Bounded in;
    private Optional<List<String>> header = Optional.empty();
    private long number;

    DelimitedReader(InputFile file, Storage storage) {
        this.file = file;
        texts = new RowText(file);
        in = new Bounded(new InputStreamReader(Texts.openText(file, storage), StandardCharsets.ISO_8859_1));
        CsvParserSettings settings = new CsvParserSettings();
        settings.getFormat().setLineSeparator("\n");
        settings.getFormat().setComment('\0');
        settings.setLineSeparatorDetectionEnabled(true);
        settings.setMaxCharsPerColumn(-1);
        settings.setMaxColumns(1 << 14);
        settings.setIgnoreLeadingWhitespaces(false);
        settings.setIgnoreTrailingWhitespaces(false);
        settings.setEmptyValue("");
        settings.setNullValue("");
        settings.setReadInputOnSeparateThread(false);
        parser = new CsvParser(settings);
        try {
            settings.getFormat().setDelimiter(file.format() == Format.TSV ? '\t' : in.delimiter());
            parser.updateFormat(settings.getFormat());
            parser.beginParsing(in);
        } catch (IOException | TextParsingException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    /** Counts what was read since the last row: a quote that is never closed makes a row of the rest of a file. */
    private static final class Bounded extends FilterReader {
        private char[] head = new char[0];
        private int at;
        private long sinceRow;

        Bounded(Reader in) {
            super(in);
        }

        /** What separates the names at the top. */
        char delimiter() throws IOException {
            char[] begin = new char[LONGEST_HEADER];
            int length = 0;
            for (int n = 0; n >= 0 && length < begin.length; n = in.read(begin, length, begin.length - length)) {
                length += n;
            }
            head = Arrays.copyOf(begin, length);
            String names = new String(head).split("\n", 2)[0];
            return names.indexOf(',') < 0 && names.indexOf(';') >= 0 ? ';' : ',';
        }

        @Override
        public int read(char[] into, int offset, int length) throws IOException {
            if (sinceRow > 2L * Texts.MAX_BYTES) {
                throw new IOException(
                        "a row longer than " + Texts.MAX_BYTES + " bytes, or a quoted value that is never closed");
            }
            int n = Math.min(length, head.length - at);
            if (n > 0) {
                System.arraycopy(head, at, into, offset, n);
                at += n;
            } else {
                n = super.read(into, offset, length);
            }
            sinceRow += Math.max(0, n);
            return n;
        }
    }

    @Override
    public Optional<Document> next() {
        return nextRow().map(row -> {
            String number = Long.toString(this.number);
            String idColumn = file.input().idColumn();
            String id = texts.columns().contains(idColumn) ? number : row.getOrDefault(idColumn, "");
            return texts.document(place(), column -> Optional.ofNullable(row.get(column)), id.isEmpty() ? number : id);
        });
    }

    @Override
    public Optional<Map<String, Boolean>> nextColumns() {
        return nextRow().map(row -> {
            Map<String, Boolean> columns = new LinkedHashMap<>();
            row.keySet().forEach(column -> columns.put(column, true));
            return columns;
        });
    }

    /** The values by the names of their columns. */
    private Optional<Map<String, String>> nextRow() {
        if (header.isEmpty()) {
            header = parse().map(names -> Arrays.stream(names)
                    .map(name -> Texts.withoutMark(utf8(file.path() + ", its first row", name)))
                    .toList());
            if (header.isEmpty()) {
                return Optional.empty();
            }
        }
        number++;
        return parse().map(values -> row(header.orElseThrow(), values));
    }

    private Map<String, String> row(List<String> names, String[] values) {
        if (values.length != names.size()) {
            throw CorruptInputException.row(
                    place(), "it has " + values.length + " columns, and the first row names " + names.size());
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (values[i].length() > Texts.MAX_BYTES) {
                throw Texts.tooLong(place());
            }
            row.put(names.get(i), utf8(place(), values[i]));
        }
        return row;
    }

    private static String utf8(String place, String bytes) {
        return Texts.decode(place, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Optional<String[]> parse() {
        try {
            in.sinceRow = 0;
            String @Nullable [] values = parser.parseNext();
            if (values != null && isOpen()) {
                throw CorruptInputException.rest(place(), "a quoted value is never closed", 1, null);
            }
            return Optional.ofNullable(values);
        } catch (TextParsingException | IllegalStateException e) {
            throw Texts.unreadable(place(), e);
        }
    }

    /** Whether the last row has line breaks and an odd number of quotation marks, so that it was to continue. */
    private boolean isOpen() {
        @Nullable
        String content = parser.getContext().isStopped() ? parser.getContext().currentParsedContent() : null;
        return content != null
                && content.strip().indexOf('\n') >= 0
                && content.chars().filter(c -> c == '"').count() % 2 == 1;
    }

    private String place() {
        return file.path() + ", row " + number;
    }

    @Override
    public void close() throws IOException {
        parser.stopParsing();
        in.close();
    }
}

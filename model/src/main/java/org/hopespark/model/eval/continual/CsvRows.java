package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.UserException;

/** Comma-separated values as in RFC 4180: a quoted field may hold commas, line ends and doubled quotes. */
final class CsvRows {
    private final String source;
    private final String text;
    private final List<Row> rows = new ArrayList<>();
    private final StringBuilder field = new StringBuilder();
    private List<String> fields = new ArrayList<>();
    private long line = 1;
    private long firstLine = 1;
    private int at;

    /**
     * One row.
     *
     * @param line where it begins, counted from 1
     */
    record Row(long line, List<String> fields) {
        Row {
            fields = List.copyOf(fields);
        }
    }

    private CsvRows(String source, String text) {
        this.source = source;
        this.text = text;
    }

    /** All rows but empty lines, the header among them. */
    static List<Row> of(String source, String text) {
        CsvRows reader = new CsvRows(source, text);
        reader.read();
        return reader.rows;
    }

    private void read() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"' && field.isEmpty()) {
                quoted();
            } else if (c == ',') {
                endField();
            } else if (c == '\n') {
                line++;
                endRow();
            } else if (c != '\r' || at == text.length() || text.charAt(at) != '\n') {
                field.append(c);
            }
        }
        endRow();
    }

    private void quoted() {
        long opened = line;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"' && at < text.length() && text.charAt(at) == '"') {
                at++;
            } else if (c == '"') {
                if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
                    throw new UserException(source + " line " + line + ": a quoted field continues after its closing"
                            + " quote; write a quote inside of quotes twice");
                }
                return;
            }
            line += c == '\n' ? 1 : 0;
            field.append(c);
        }
        throw new UserException(source + " line " + opened + ": a quote that opens here is never closed");
    }

    private void endField() {
        fields.add(field.toString());
        field.setLength(0);
    }

    private void endRow() {
        if (!fields.isEmpty() || !field.isEmpty()) {
            endField();
            rows.add(new Row(firstLine, fields));
            fields = new ArrayList<>();
        }
        firstLine = line;
    }
}

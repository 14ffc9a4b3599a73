package org.hopespark.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Storage;

/**
 * One text of many documents: its lines, what stands between its blank lines, or between separators. The id of a
 * document is its number in the file, where blank ones count, too; line breaks around it are no part of it.
 */
final class SplitTextReader implements DocumentReader {
    private final InputFile file;
    private final Pieces pieces;
    private final boolean byBlankLines;
    private long paragraphs;

    SplitTextReader(InputFile file, Storage storage) {
        this.file = file;
        String split = file.input().split();
        byBlankLines = split.equals(Input.BLANK_LINES);
        boolean byLines = byBlankLines || split.equals(Input.LINES);
        byte[] separator = (byLines ? "\n" : file.input().separator()).getBytes(StandardCharsets.UTF_8);
        pieces = new Pieces(file, Texts.openText(file, storage), separator, byLines ? "line" : "document");
    }

    @Override
    public Optional<Document> next() {
        while (true) {
            if (pieces.failure().isPresent()) {
                throw pieces.failure().get();
            }
            Optional<byte[]> bytes = byBlankLines ? paragraph() : pieces.next();
            if (bytes.isEmpty()) {
                if (pieces.failure().isEmpty()) {
                    return Optional.empty();
                }
                continue;
            }
            String text = trimmed(Texts.withoutMark(Texts.decode(pieces.place(), bytes.get())));
            if (!text.isBlank()) {
                String id = Long.toString(byBlankLines ? paragraphs : pieces.number());
                return Optional.of(new Document(id, text, file.name()));
            }
        }
    }

    /** Lines up to a blank one, which may be without any. */
    private Optional<byte[]> paragraph() {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Optional<byte[]> line = pieces.next(); line.isPresent(); line = pieces.next()) {
            if (!isBlank(line.get())) {
                lines.writeBytes(line.get());
                lines.write('\n');
            } else if (lines.size() > 0) {
                break;
            }
            if (lines.size() > Texts.MAX_BYTES) {
                skipToBlankLine();
                throw Texts.tooLong(pieces.place());
            }
        }
        paragraphs += lines.size() > 0 ? 1 : 0;
        return lines.size() > 0 ? Optional.of(lines.toByteArray()) : Optional.empty();
    }

    private void skipToBlankLine() {
        for (Optional<byte[]> line = pieces.next(); line.isPresent(); line = pieces.next()) {
            if (isBlank(line.get())) {
                return;
            }
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    private static String trimmed(String text) {
        int begin = 0;
        int end = text.length();
        while (begin < end && isBreak(text.charAt(begin))) {
            begin++;
        }
        while (end > begin && isBreak(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    private static boolean isBreak(char c) {
        return c == '\n' || c == '\r';
    }

    @Override
    public void close() throws IOException {
        pieces.close();
    }
}

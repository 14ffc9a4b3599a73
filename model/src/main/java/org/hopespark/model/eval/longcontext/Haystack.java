package org.hopespark.model.eval.longcontext;

import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.TaskFile;

/** The text that things are hidden in: a plain text, or the {@code "text"} of JSON lines. */
final class Haystack {
    static final String ROLE = "haystack";
    static final NeededFile FILE =
            new NeededFile(ROLE, List.of("haystack.txt", "haystack.txt.gz", "haystack.jsonl", "haystack.jsonl.gz"));

    private static final int MOST_DOCUMENTS = 1024;

    private Haystack() {}

    /** The first documents that together have {@code characters}, the last one whole; fewer if the file has fewer. */
    static List<String> documents(TaskFile file, long characters) {
        return documents(file, MOST_DOCUMENTS, characters);
    }

    /** The first {@code limit} documents; 0 means all. */
    static List<String> first(TaskFile file, int limit) {
        return documents(file, limit, Long.MAX_VALUE);
    }

    private static List<String> documents(TaskFile file, int limit, long characters) {
        List<String> documents =
                isPlain(file) ? List.of(file.text()) : file.jsonLines(limit, new TextField(characters)::read);
        List<String> texts = documents.stream().filter(text -> !text.isBlank()).toList();
        if (texts.isEmpty()) {
            throw new UserException(file.path() + " holds no text; put a book or other long text there");
        }
        return texts;
    }

    private static boolean isPlain(TaskFile file) {
        return file.path().toString().matches(".*\\.txt(\\.gz)?");
    }

    /** The first {@code count} words; begins again at the end of the text. */
    static final class Words {
        private final String[] words;

        Words(TaskFile file, int most) {
            // Letters of a word and the space after it: on average fewer than this in any language with spaces.
            int charactersPerWord = 16;
            String text = String.join(" ", documents(file, (long) most * charactersPerWord));
            String[] all = Sentences.fold(text).split(" ", -1);
            words = Arrays.copyOf(all, Math.min(all.length, most));
        }

        String first(int count) {
            StringBuilder result = new StringBuilder();
            for (int i = 0; i < count; i++) {
                result.append(i == 0 ? "" : " ").append(words[i % words.length]);
            }
            return result.toString();
        }
    }

    /** Reads texts until there are enough characters; after that, nothing. */
    private static final class TextField {
        private final long characters;
        private long read;

        TextField(long characters) {
            this.characters = characters;
        }

        String read(com.fasterxml.jackson.databind.JsonNode line, String place) {
            if (read >= characters) {
                return "";
            }
            if (!line.path("text").isTextual()) {
                throw new UserException(
                        place + ": \"text\" must be a text; a haystack in JSON lines has one document a line");
            }
            String text = line.path("text").textValue();
            read += text.length();
            return text;
        }
    }
}

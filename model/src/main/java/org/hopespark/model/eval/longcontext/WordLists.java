package org.hopespark.model.eval.longcontext;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;

/** Words to draw from, one a line, as in the lists of the Python package wonderwords. */
final class WordLists {
    static final NeededFile ADJECTIVES = new NeededFile("adjectives", List.of("adjectivelist.txt"));
    static final NeededFile NOUNS = new NeededFile("nouns", List.of("nounlist.txt"));
    static final NeededFile VERBS = new NeededFile("verbs", List.of("verblist.txt"));

    /** Enough for four keys that differ. */
    private static final int LEAST = 4;

    private WordLists() {}

    static List<String> read(TaskFiles files, NeededFile list) {
        TaskFile file = files.file(list.role());
        List<String> words = file.text()
                .lines()
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .distinct()
                .sorted()
                .toList();
        if (words.size() < LEAST) {
            throw new UserException(file.path() + " has " + words.size() + " different words, at least " + LEAST
                    + " are needed, one a line");
        }
        return words;
    }

    /** All words of {@code lists}, sorted, each once; at least {@code least}. */
    static List<String> all(TaskFiles files, List<NeededFile> lists, int least) {
        List<String> words = lists.stream()
                .flatMap(list -> read(files, list).stream())
                .distinct()
                .sorted()
                .toList();
        if (words.size() < least) {
            throw new UserException(Stream.of(lists)
                            .flatMap(List::stream)
                            .map(list -> files.file(list.role()).path().toString())
                            .collect(Collectors.joining(", "))
                    + " have " + words.size() + " different words together, at least " + least + " are needed");
        }
        return words;
    }
}

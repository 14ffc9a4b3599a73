package org.hopespark.model.eval.longcontext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;

/** The published files that RULER needs, small, in a folder of a test. */
record RulerFiles(Path folder) {
    private static final Pattern NEEDLE = Pattern.compile("One of the special magic \\w+ for (\\S+) is: (\\S+)\\.");

    void writeLists() throws IOException {
        write("adjectivelist.txt", "red\nbig\nold\nwet\n");
        write("nounlist.txt", "cat\ndog\nfox\nowl\n");
        write("verblist.txt", IntStream.range(0, 60).mapToObj(i -> "verb" + i).collect(Collectors.joining("\n")));
        write("haystack.txt", hundredSentences());
        write("squad.json", lands());
        write("hotpotqa.json", rivers());
    }

    /** 15 articles of SQuAD's form with a paragraph a land; the fourth question of an article has no answer. */
    private static String lands() {
        List<String> articles = new ArrayList<>();
        for (int article = 0; article < 15; article++) {
            List<String> paragraphs = new ArrayList<>();
            for (int land = 3 * article; land < 3 * article + 3; land++) {
                paragraphs.add(String.format(
                        "{\"context\": \"Land%1$d has hills. The town of Land%1$d is Town%1$d.\", \"qas\": [{\"question\":"
                                + " \"What is the town of Land%1$d?\", \"is_impossible\": false, \"answers\": [{\"text\":"
                                + " \"Town%1$d\"}, {\"text\": \"the Town%1$d\"}]}%2$s]}",
                        land,
                        land % 3 == 2 ? ", {\"question\": \"Who?\", \"is_impossible\": true, \"answers\": []}" : ""));
            }
            articles.add("{\"title\": \"t\", \"paragraphs\": [" + String.join(", ", paragraphs) + "]}");
        }
        return "{\"version\": \"v2.0\", \"data\": [" + String.join(", ", articles) + "]}";
    }

    /** 45 questions of HotpotQA's form, each with two documents of its own that no other has. */
    private static String rivers() {
        return IntStream.range(0, 45)
                .mapToObj(i -> String.format(
                        "{\"question\": \"Which sea has the river of Vale%1$d?\", \"answer\": \"Sea%1$d\", \"context\":"
                                + " [[\"Vale%1$d\", [\"The river of Vale%1$d is Flow%1$d.\", \" It is long.\"]], [\"Flow%1$d\","
                                + " [\"The sea of Flow%1$d is Sea%1$d.\"]]]}",
                        i))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    Generator generator(String family) {
        return RulerTask.of(family, 1000).maker().generator(files(family), 1000, Answering::words);
    }

    TaskFiles files(String family) {
        Map<String, TaskFile> found = new HashMap<>();
        for (NeededFile file : RulerTask.of(family, 1).files()) {
            file.names().stream()
                    .map(folder::resolve)
                    .filter(Files::exists)
                    .findFirst()
                    .ifPresent(path -> found.put(file.role(), new TaskFile(path)));
        }
        return new TaskFiles(found);
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    void measure(String family) {
        RulerTask.of(family, 1000).measure(files(family), 1, new Answering(p -> ""));
    }

    static List<MatchResult> needles(String prompt) {
        return NEEDLE.matcher(prompt).results().toList();
    }

    static String hundredSentences() {
        return IntStream.range(0, 100).mapToObj(i -> "Sentence" + i + " ends.").collect(Collectors.joining(" "));
    }
}

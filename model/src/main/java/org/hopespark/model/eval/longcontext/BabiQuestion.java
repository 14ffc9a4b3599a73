package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.TaskFile;

/**
 * One question of bAbI (Weston et al. 2015).
 *
 * @param facts what was told before it, in order, without earlier questions
 * @param text the question
 * @param answer as the file has it
 */
record BabiQuestion(List<String> facts, String text, String answer) {
    BabiQuestion {
        facts = List.copyOf(facts);
    }

    /** Between question, answer and supporting facts; some copies of the files have bars for tabs. */
    private static final String SEPARATOR = "[\\t|]";

    /** Cuts each story into one question a time. */
    static List<BabiQuestion> read(TaskFile file) {
        List<BabiQuestion> result = new ArrayList<>();
        List<String> story = new ArrayList<>();
        long number = 0;
        for (String line : file.text().lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.split(SEPARATOR, -1);
            String[] told = parts[0].split(" ", 2);
            if (!told[0].matches("\\d{1,9}") || told.length < 2 || parts.length == 2 || told[1].isBlank()) {
                throw new UserException(file.path() + " line " + number
                        + " must be \"NUMBER fact\" or \"NUMBER question<tab>answer<tab>facts\", found \"" + line
                        + "\"; get bAbI's file again, whole");
            }
            if (told[0].equals("1")) {
                story.clear();
            }
            if (parts.length == 1) {
                story.add(told[1].strip());
            } else {
                result.add(new BabiQuestion(story, told[1].strip(), parts[1].strip()));
            }
        }
        if (result.isEmpty()) {
            throw new UserException(file.path() + " holds no question; get bAbI's file again, whole");
        }
        return result;
    }
}

package org.hopespark.model.eval.continual;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.TaskFiles;

/** The data sets there are. */
public enum DataSet {
    /** 150 intents, ten tasks of 15. */
    CLINC150(15),
    /** 77 questions to a bank, seven tasks of 11. */
    BANKING77(11),
    /** One's own: lines of {@code {"text": ..., "label": ...}}. */
    LABELLED(10);

    private final int classesPerTask;

    DataSet(int classesPerTask) {
        this.classesPerTask = classesPerTask;
    }

    /** As in task names. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The files that {@link #read} takes. */
    public List<NeededFile> files() {
        return switch (this) {
            case CLINC150 -> List.of(new NeededFile("all", names("data_full.json.gz", "data_full.json")));
            case BANKING77 ->
                List.of(new NeededFile("train", names("train.csv")), new NeededFile("test", names("test.csv")));
            case LABELLED ->
                List.of(
                        new NeededFile("train", names("train.jsonl", "train.jsonl.gz")),
                        new NeededFile("test", names("test.jsonl", "test.jsonl.gz")));
        };
    }

    private List<String> names(String... files) {
        return Stream.of(title() + "/", title() + "_", "")
                .flatMap(prefix -> Arrays.stream(files).map(prefix::concat))
                .toList();
    }

    /** Reads the files. */
    public LabelledTexts read(TaskFiles files) {
        return switch (this) {
            case CLINC150 -> LabelledTexts.clinc150(files.only());
            case BANKING77 -> LabelledTexts.csv(files.file("train"), files.file("test"));
            case LABELLED -> LabelledTexts.jsonLines(files.file("train"), files.file("test"));
        };
    }

    int classesPerTask() {
        return classesPerTask;
    }
}

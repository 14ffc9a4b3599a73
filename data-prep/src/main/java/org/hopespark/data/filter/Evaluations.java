package org.hopespark.data.filter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.DecontaminateConfig;
import org.hopespark.conf.DecontaminateConfig.Evaluation;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.JsonFields;

/** Reads evaluation texts. */
final class Evaluations {
    private Evaluations() {}

    static DecontaminationIndex index(DecontaminateConfig config, Storage storage) {
        if (config.evaluations().isEmpty()) {
            throw new UserException("decontaminate needs evaluations:"
                    + " [{task: NAME, path: FILE.jsonl, fields: [question, choices]}, ...]");
        }
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (Evaluation evaluation : config.evaluations()) {
            Input input = new Input(evaluation.path(), "", Format.JSONL, "text", "id", "**");
            List<String> read = InputFile.list(List.of(input), storage).stream()
                    .flatMap(file -> JsonFields.texts(file, evaluation.fields(), storage).stream())
                    .toList();
            if (texts.put(evaluation.task(), read) != null) {
                throw new UserException("decontaminate: two evaluations have the task " + evaluation.task());
            }
        }
        return DecontaminationIndex.of(config.ngramWords(), texts);
    }
}

package org.hopespark.data.filter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.DecontaminateConfig;
import org.hopespark.conf.DecontaminateConfig.Evaluation;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.InputFile;
import org.hopespark.data.JsonFields;
import org.hopespark.data.Storage;

/** Reads evaluation texts. */
final class Evaluations {
    private Evaluations() {}

    static DecontaminationIndex index(DecontaminateConfig config, Storage storage) {
        if (config.evaluations().isEmpty()) {
            throw new ConfigException("decontaminate needs evaluations:"
                    + " [{task: NAME, path: FILE.jsonl, fields: [question, choices]}, ...]");
        }
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (Evaluation evaluation : config.evaluations()) {
            Input input = new Input(evaluation.path(), "", Format.JSONL, "text", "id", "**");
            List<String> read = InputFile.list(List.of(input), storage).stream()
                    .flatMap(file -> JsonFields.texts(file, evaluation.fields(), storage).stream())
                    .toList();
            if (texts.put(evaluation.task(), read) != null) {
                throw new ConfigException("decontaminate: two evaluations have the task " + evaluation.task());
            }
        }
        return DecontaminationIndex.of(config.ngramWords(), texts);
    }
}

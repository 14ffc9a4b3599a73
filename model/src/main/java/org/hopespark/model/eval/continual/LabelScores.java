package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Request;

/** How likely the model finds each of some labels after a question. */
final class LabelScores {
    /** Questions between two looks at the clock. */
    private static final int AT_ONCE = 16;

    private final LanguageModel model;
    private final Prompts prompts;
    private final Progress progress;

    LabelScores(LanguageModel model, Prompts prompts, Progress progress) {
        this.model = model;
        this.prompts = prompts;
        this.progress = progress;
    }

    /** One list a question, with one answer a candidate. */
    List<List<Likelihood>> of(List<String> questions, List<Integer> candidates) {
        int count = candidates.size();
        List<List<Likelihood>> result = new ArrayList<>();
        for (int from = 0; from < questions.size(); from += AT_ONCE) {
            List<String> some = questions.subList(from, Math.min(questions.size(), from + AT_ONCE));
            List<Likelihood> answers = model.continuations(some.stream()
                    .flatMap(question -> candidates.stream().map(label -> new Request(question, prompts.answer(label))))
                    .toList());
            for (int i = 0; i < some.size(); i++) {
                result.add(answers.subList(i * count, (i + 1) * count));
            }
            progress.done((long) some.size() * count);
        }
        return result;
    }
}

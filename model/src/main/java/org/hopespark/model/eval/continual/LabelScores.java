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
        return ofEach(questions, questions.stream().map(question -> candidates).toList());
    }

    /** The same, where each question has candidates of its own. */
    List<List<Likelihood>> ofEach(List<String> questions, List<List<Integer>> candidates) {
        List<List<Likelihood>> result = new ArrayList<>();
        for (int from = 0; from < questions.size(); from += AT_ONCE) {
            int to = Math.min(questions.size(), from + AT_ONCE);
            List<Request> requests = new ArrayList<>();
            for (int i = from; i < to; i++) {
                String question = questions.get(i);
                candidates.get(i).forEach(label -> requests.add(new Request(question, prompts.answer(label))));
            }
            List<Likelihood> answers = model.continuations(requests);
            int first = 0;
            for (int i = from; i < to; i++) {
                result.add(answers.subList(first, first + candidates.get(i).size()));
                first += candidates.get(i).size();
            }
            progress.done(requests.size());
        }
        return result;
    }
}

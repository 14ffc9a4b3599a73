package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns nothing: training texts of the candidates with their labels stand before the question, one of each class, then
 * a second of each, as many as the model's context holds.
 */
final class Demonstrations implements Learner {
    private final Prompts prompts;
    private final List<List<Example>> rounds = new ArrayList<>();
    private final Map<String, Integer> tokens = new HashMap<>();

    Demonstrations(Prompts prompts) {
        this.prompts = prompts;
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        Map<Integer, Integer> round = new HashMap<>();
        for (Example example : stage.train()) {
            int place = round.merge(example.label(), 1, Integer::sum) - 1;
            if (place == rounds.size()) {
                rounds.add(new ArrayList<>());
            }
            rounds.get(place).add(example);
        }
    }

    @Override
    public String context(String question, List<Integer> candidates) {
        int longest = candidates.stream()
                .mapToInt(label -> count(prompts.answer(label)))
                .max()
                .orElse(0);
        int left = prompts.maxTokens() - prompts.countTokens(question) - longest;
        StringBuilder result = new StringBuilder();
        for (List<Example> round : rounds) {
            for (Example example : round) {
                if (!candidates.contains(example.label())) {
                    continue;
                }
                String shown = Prompts.question(example) + prompts.answer(example.label());
                left -= count(shown);
                if (left < 0) {
                    return result.toString();
                }
                result.append(shown);
            }
        }
        return result.toString();
    }

    private int count(String text) {
        return tokens.computeIfAbsent(text, prompts::countTokens);
    }
}

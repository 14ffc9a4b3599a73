package org.hopespark.model.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** A language model that is any function of context and continuation; a document has an empty context. */
class TextModel implements LanguageModel {
    final List<Request> requests = new ArrayList<>();
    final List<String> documents = new ArrayList<>();
    private final ToDoubleBiFunction<String, String> logLikelihood;

    TextModel(ToDoubleBiFunction<String, String> logLikelihood) {
        this.logLikelihood = logLikelihood;
    }

    @Override
    public List<Likelihood> continuations(List<Request> asked) {
        requests.addAll(asked);
        return asked.stream()
                .map(r -> new Likelihood(logLikelihood.applyAsDouble(r.context(), r.continuation()), 1, false))
                .toList();
    }

    @Override
    public List<Likelihood> documents(List<String> asked) {
        documents.addAll(asked);
        return asked.stream()
                .map(d -> new Likelihood(logLikelihood.applyAsDouble("", d), 1, false))
                .toList();
    }

    @Override
    public List<double[]> carried(List<String> asked) {
        throw new UnsupportedOperationException("a function of texts has no tokens");
    }

    @Override
    public List<String> write(List<String> prompts, int newTokens) {
        throw new UnsupportedOperationException("a function of texts writes none");
    }

    @Override
    public int countTokens(String text) {
        throw new UnsupportedOperationException("a function of texts has no tokens");
    }
}

package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringTokenizer;
import java.util.function.UnaryOperator;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Request;

/** A model whose tokens are words, that writes a function of the prompt and finds token i of a document e^-i likely. */
final class Answering implements LanguageModel {
    final List<String> prompts = new ArrayList<>();
    final List<String> read = new ArrayList<>();
    int newTokens;
    private final UnaryOperator<String> answer;

    Answering(UnaryOperator<String> answer) {
        this.answer = answer;
    }

    static int words(String text) {
        return new StringTokenizer(text).countTokens();
    }

    @Override
    public int countTokens(String text) {
        return words(text);
    }

    @Override
    public List<String> write(List<String> asked, int tokens) {
        prompts.addAll(asked);
        newTokens = tokens;
        return asked.stream().map(answer).toList();
    }

    @Override
    public List<double[]> carried(List<String> documents) {
        read.addAll(documents);
        return documents.stream()
                .map(document -> {
                    double[] result = new double[words(document)];
                    Arrays.setAll(result, i -> -i);
                    return result;
                })
                .toList();
    }

    @Override
    public List<Likelihood> continuations(List<Request> requests) {
        throw new UnsupportedOperationException("writes only");
    }

    @Override
    public List<Likelihood> documents(List<String> documents) {
        throw new UnsupportedOperationException("writes only");
    }
}

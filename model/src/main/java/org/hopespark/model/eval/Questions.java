package org.hopespark.model.eval;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a task asks a model, or a part of it.
 *
 * @param task its name
 * @param requests for the log-likelihood of a continuation; those of one context stand together
 * @param documents for that of a whole document, after all requests
 */
public record Questions(String task, List<Request> requests, List<String> documents) implements Serializable {
    private static final long serialVersionUID = 1L;

    public Questions {
        requests = List.copyOf(requests);
        documents = List.copyOf(documents);
    }

    /** One worker's share: every so many contexts, with all that may follow them, and every so many documents. */
    public Questions share(int rank, int workers) {
        List<Integer> places = places(rank, workers);
        return new Questions(
                task,
                places.stream()
                        .filter(i -> i < requests.size())
                        .map(requests::get)
                        .toList(),
                places.stream()
                        .filter(i -> i >= requests.size())
                        .map(i -> documents.get(i - requests.size()))
                        .toList());
    }

    /** The places of a share among the answers to all. */
    List<Integer> places(int rank, int workers) {
        List<Integer> places = new ArrayList<>();
        int contexts = 0;
        for (int i = 0; i < requests.size(); i++) {
            if (i > 0 && !requests.get(i).context().equals(requests.get(i - 1).context())) {
                contexts++;
            }
            if (contexts % workers == rank) {
                places.add(i);
            }
        }
        IntStream.range(0, documents.size())
                .filter(i -> i % workers == rank)
                .forEach(i -> places.add(requests.size() + i));
        return places;
    }

    /** Asks them. */
    public List<Likelihood> answers(LanguageModel model) {
        List<Likelihood> answers = new ArrayList<>(model.continuations(requests));
        answers.addAll(model.documents(documents));
        return answers;
    }
}

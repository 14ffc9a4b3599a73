package org.hopespark.model.eval;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a task asks a model, or a part of it.
 *
 * @param task its name
 * @param requests for the log-likelihood of a continuation; those of one context stand together
 * @param documents for that of a whole document, after all requests
 */
public record TaskRequests(String task, List<Request> requests, List<String> documents) implements Serializable {
    private static final long serialVersionUID = 1L;

    public TaskRequests {
        requests = List.copyOf(requests);
        documents = List.copyOf(documents);
    }

    /** One worker's share: some contexts, with all that may follow them, and some documents. */
    public TaskRequests share(int rank, int workers) {
        List<Integer> places = places(workers).get(rank);
        return new TaskRequests(
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

    /** What one worker is asked as a whole. */
    private record Item(List<Integer> places, long characters) {}

    /**
     * The places of each worker's share among the answers to all, ascending. The longest item goes first, to the worker
     * that has the fewest characters yet, so that all are busy about equally long.
     */
    List<List<Integer>> places(int workers) {
        long[] characters = new long[workers];
        List<List<Integer>> places = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>())
                .limit(workers)
                .toList();
        for (Item item : items()) {
            int least = 0;
            for (int worker = 1; worker < workers; worker++) {
                least = characters[worker] < characters[least] ? worker : least;
            }
            characters[least] += item.characters();
            places.get(least).addAll(item.places());
        }
        places.forEach(Collections::sort);
        return places;
    }

    private List<Item> items() {
        List<Item> items = new ArrayList<>();
        int to = 0;
        for (int from = 0; from < requests.size(); from = to) {
            String context = requests.get(from).context();
            long characters = context.length();
            for (to = from; to < requests.size() && requests.get(to).context().equals(context); to++) {
                characters += requests.get(to).continuation().length();
            }
            items.add(new Item(IntStream.range(from, to).boxed().toList(), characters));
        }
        for (int i = 0; i < documents.size(); i++) {
            items.add(new Item(List.of(requests.size() + i), documents.get(i).length()));
        }
        items.sort(Comparator.comparingLong(Item::characters).reversed());
        return items;
    }

    /** Asks them. */
    public List<Likelihood> answers(LanguageModel model) {
        List<Likelihood> answers = new ArrayList<>(model.continuations(requests));
        answers.addAll(model.documents(documents));
        return answers;
    }
}

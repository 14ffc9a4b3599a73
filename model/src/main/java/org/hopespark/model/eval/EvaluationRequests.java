package org.hopespark.model.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.hopespark.conf.UserException;

/**
 * A task with its questions apart from the answers, so that several workers can answer a share each. What comes of it
 * is what one model finds that answers all.
 */
public final class EvaluationRequests {
    private final Task task;
    private final TaskFiles files;
    private final int limit;
    private final TaskRequests questions;

    /**
     * Reads the task's files.
     *
     * @param folders where they lie, or below
     * @param limit only the first so many documents; 0 for all
     * @throws UserException if the task asks for more than likelihoods
     */
    public EvaluationRequests(Task task, List<Path> folders, int limit) {
        this.task = task;
        this.limit = limit;
        files = TaskFiles.find(task, folders);
        List<Request> requests = new ArrayList<>();
        List<String> documents = new ArrayList<>();
        task.measure(files, limit, new Likelihoods(task.name()) {
            @Override
            public List<Likelihood> continuations(List<Request> more) {
                requests.addAll(more);
                return unknown(more.size());
            }

            @Override
            public List<Likelihood> documents(List<String> more) {
                documents.addAll(more);
                return unknown(more.size());
            }
        });
        questions = new TaskRequests(task.name(), requests, documents);
    }

    /** All of them. */
    public TaskRequests questions() {
        return questions;
    }

    /**
     * Scores the answers.
     *
     * @param answers of each worker to its share
     */
    public List<Measurement> measurements(List<List<Likelihood>> answers) {
        Likelihood[] all = new Likelihood
                [questions.requests().size() + questions.documents().size()];
        List<List<Integer>> shares = questions.places(answers.size());
        for (int rank = 0; rank < answers.size(); rank++) {
            List<Integer> places = shares.get(rank);
            List<Likelihood> own = answers.get(rank);
            if (places.size() != own.size()) {
                throw new IllegalArgumentException("worker " + rank + " of " + answers.size() + " was asked "
                        + places.size() + " questions of " + task.name() + " and has given " + own.size()
                        + " answers");
            }
            for (int i = 0; i < own.size(); i++) {
                all[places.get(i)] = own.get(i);
            }
        }
        int requests = questions.requests().size();
        Iterator<Likelihood> ofRequests =
                Arrays.asList(all).subList(0, requests).iterator();
        Iterator<Likelihood> ofDocuments =
                Arrays.asList(all).subList(requests, all.length).iterator();
        return task.measure(files, limit, new Likelihoods(task.name()) {
            @Override
            public List<Likelihood> continuations(List<Request> same) {
                return same.stream().map(request -> ofRequests.next()).toList();
            }

            @Override
            public List<Likelihood> documents(List<String> same) {
                return same.stream().map(document -> ofDocuments.next()).toList();
            }
        });
    }

    private static List<Likelihood> unknown(int count) {
        return Collections.nCopies(count, new Likelihood(0, 1, false));
    }

    /** A model of which nothing but likelihoods can be asked. */
    private abstract static class Likelihoods implements LanguageModel {
        private final String task;

        Likelihoods(String task) {
            this.task = task;
        }

        @Override
        public List<double[]> carried(List<String> documents) {
            throw refusal();
        }

        @Override
        public List<String> write(List<String> prompts, int newTokens) {
            throw refusal();
        }

        @Override
        public int countTokens(String text) {
            throw refusal();
        }

        private UserException refusal() {
            return new UserException("the task " + task + " asks for more than likelihoods, which cannot be divided"
                    + " among workers: take it to the checkpoints, with evaluate");
        }
    }
}

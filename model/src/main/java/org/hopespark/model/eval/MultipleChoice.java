package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.hopespark.conf.ConfigException;

/**
 * A task of questions with choices, one JSON line a question: the model's choice is the likeliest continuation, the
 * first of equals.
 *
 * @param name the task's name
 * @param version of its rules
 * @param files the one with the lines
 * @param documents of the published set
 * @param chance of a guess
 * @param metrics which ways of comparing choices are reported
 * @param reader how a line becomes a question
 */
record MultipleChoice(
        String name,
        int version,
        List<NeededFile> files,
        int documents,
        double chance,
        List<Metric> metrics,
        QuestionReader reader)
        implements Task {

    /** Reads one line. */
    interface QuestionReader {
        Question read(Fields line);
    }

    /** What a choice's log-likelihood is divided by before choices are compared. */
    enum Metric {
        /** Nothing. */
        ACC {
            @Override
            double length(String choice) {
                return 1;
            }
        },
        /** Unicode code points, which is what the reference does where it says bytes. */
        ACC_NORM {
            @Override
            double length(String choice) {
                return PythonText.length(choice);
            }
        },
        /** UTF-8 bytes. */
        ACC_BYTES {
            @Override
            double length(String choice) {
                return choice.getBytes(StandardCharsets.UTF_8).length;
            }
        };

        abstract double length(String choice);

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model) {
        List<Question> questions = questions(files.only(), limit);
        List<Likelihood> answers = model.continuations(
                questions.stream().flatMap(q -> q.choices().stream()).toList());
        return metrics.stream()
                .map(metric -> Measurement.mean(metric.label(), correct(questions, answers, metric), chance))
                .toList();
    }

    List<Question> questions(TaskFile file, int limit) {
        return file.jsonLines(limit, (line, place) -> {
            try {
                return reader.read(new Fields(line));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(place + ": " + e.getMessage() + "; mend or remove the line", e);
            }
        });
    }

    private static double[] correct(List<Question> questions, List<Likelihood> answers, Metric metric) {
        double[] result = new double[questions.size()];
        int first = 0;
        for (int q = 0; q < result.length; q++) {
            Question question = questions.get(q);
            List<Request> choices = question.choices();
            int best = 0;
            double bestScore = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < choices.size(); c++) {
                String choice = choices.get(c).continuation().substring(1);
                double score = answers.get(first + c).logLikelihood() / metric.length(choice);
                if (score > bestScore) {
                    best = c;
                    bestScore = score;
                }
            }
            first += choices.size();
            result[q] = best == question.gold() ? 1 : 0;
        }
        return result;
    }

    /**
     * The fields of one line; a missing or ill-typed one is an {@link IllegalArgumentException}.
     *
     * @param line the JSON object
     */
    record Fields(JsonNode line) {
        boolean has(String key) {
            return line.has(key);
        }

        String text(String key) {
            JsonNode node = line.path(key);
            if (!node.isTextual()) {
                throw new IllegalArgumentException("\"" + key + "\" must be a text, found " + found(node));
            }
            return node.textValue();
        }

        List<String> texts(String key) {
            return texts(key, line.path(key));
        }

        /** A list below an object. */
        List<String> texts(String object, String key) {
            return texts(object + "." + key, line.path(object).path(key));
        }

        /** Where in a list of labels below an object the label is that another key names, from 0. */
        int place(String key, String object, String labels) {
            int place = texts(object, labels).indexOf(text(key));
            if (place < 0) {
                throw new IllegalArgumentException(
                        "\"" + key + "\" must be one of " + object + "." + labels + ", found " + found(line.path(key)));
            }
            return place;
        }

        private static List<String> texts(String key, JsonNode node) {
            if (!node.isArray()
                    || !StreamSupport.stream(node.spliterator(), false).allMatch(JsonNode::isTextual)) {
                throw new IllegalArgumentException("\"" + key + "\" must be a list of texts, found " + found(node));
            }
            List<String> result = new ArrayList<>();
            node.forEach(n -> result.add(n.textValue()));
            return result;
        }

        /** A whole number, or a text that spells one. */
        int number(String key) {
            JsonNode node = line.path(key);
            String text = node.asText();
            if (!text.matches("\\d{1,9}")) {
                throw new IllegalArgumentException("\"" + key + "\" must be a whole number, found " + found(node));
            }
            return Integer.parseInt(text);
        }

        /** A truth value, or its number 0 or 1. */
        int flag(String key) {
            JsonNode node = line.path(key);
            return node.isBoolean() ? (node.booleanValue() ? 1 : 0) : number(key);
        }

        private static String found(JsonNode node) {
            return node.isMissingNode() ? "nothing" : PythonText.shorten(node.toString());
        }
    }
}

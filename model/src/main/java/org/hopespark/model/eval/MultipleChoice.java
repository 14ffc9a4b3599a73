package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.hopespark.conf.UserException;

/**
 * A task of questions with choices: the model's choice is the likeliest continuation, the first of equals.
 *
 * @param name the task's name
 * @param version of its rules
 * @param files the one with the questions
 * @param documents of the published set
 * @param chance of a guess
 * @param metrics which ways of comparing choices are reported
 * @param reader of the file
 */
record MultipleChoice(
        String name,
        int version,
        List<NeededFile> files,
        int documents,
        double chance,
        List<Metric> metrics,
        Reader reader)
        implements Task {
    /** A task whose file has one JSON line a question. */
    MultipleChoice(
            String name,
            int version,
            List<NeededFile> files,
            int documents,
            double chance,
            List<Metric> metrics,
            QuestionReader reader) {
        this(
                name,
                version,
                files,
                documents,
                chance,
                metrics,
                (TaskFile file, int limit) -> lines(file, limit, reader));
    }

    /** Reads the first {@code limit} questions of a file; 0 means all. */
    interface Reader {
        List<Asked> read(TaskFile file, int limit);
    }

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

    /**
     * A question of the file.
     *
     * @param doc as it stands there
     * @param question what is asked
     */
    record Asked(JsonNode doc, Question question) {}

    @Override
    public OutputType outputType() {
        return OutputType.MULTIPLE_CHOICE;
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
        List<Asked> asked = reader.read(files.only(), limit);
        List<Likelihood> answers = model.continuations(
                asked.stream().flatMap(a -> a.question().choices().stream()).toList());
        double[][] correct = new double[metrics.size()][asked.size()];
        int first = 0;
        for (int q = 0; q < asked.size(); q++) {
            Question question = asked.get(q).question();
            List<Likelihood> own =
                    answers.subList(first, first + question.choices().size());
            first += own.size();
            Map<String, JsonNode> scores = new LinkedHashMap<>();
            for (int m = 0; m < correct.length; m++) {
                correct[m][q] = choice(question, own, metrics.get(m)) == question.gold() ? 1 : 0;
                scores.put(metrics.get(m).label(), LoggedSample.score(correct[m][q]));
            }
            log.add(new LoggedSample(
                    asked.get(q).doc(), Integer.toString(question.gold()), exchanges(question, own), scores));
        }
        return IntStream.range(0, correct.length)
                .mapToObj(m -> Measurement.mean(metrics.get(m).label(), correct[m], chance))
                .toList();
    }

    private static List<LoggedSample.Exchange> exchanges(Question question, List<Likelihood> answers) {
        return IntStream.range(0, answers.size())
                .mapToObj(c -> LoggedSample.Exchange.of(question.choices().get(c), answers.get(c)))
                .toList();
    }

    private static List<Asked> lines(TaskFile file, int limit, QuestionReader reader) {
        return file.jsonLines(limit, (line, place) -> {
            try {
                return new Asked(line, reader.read(new Fields(line)));
            } catch (IllegalArgumentException e) {
                throw new UserException(place + ": " + e.getMessage() + "; mend or remove the line", e);
            }
        });
    }

    /** The likeliest, the first of equals. */
    private static int choice(Question question, List<Likelihood> answers, Metric metric) {
        int best = 0;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < answers.size(); c++) {
            String choice = question.choices().get(c).continuation().substring(1);
            double score = answers.get(c).logLikelihood() / metric.length(choice);
            if (score > bestScore) {
                best = c;
                bestScore = score;
            }
        }
        return best;
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

        /** A text of each object of a list. */
        List<String> texts(String key, Function<Fields, String> text) {
            List<String> result = new ArrayList<>();
            line.path(key).forEach(object -> result.add(text.apply(new Fields(object))));
            return result;
        }

        /** Where in a list of labels the one is that a key names, from 0. */
        int place(String key, List<String> labels) {
            int place = labels.indexOf(text(key));
            if (place < 0) {
                throw new IllegalArgumentException("\"" + key + "\" must be one of the choices' labels " + labels
                        + ", found " + found(line.path(key)));
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

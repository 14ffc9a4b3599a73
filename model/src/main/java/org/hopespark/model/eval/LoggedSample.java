package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * One document of a task with what the model was asked about it, what it answered and what that is worth.
 *
 * @param doc the document
 * @param target the right answer
 * @param exchanges requests with the model's answers, at least one
 * @param scores of this document by metric, before the mean (or other statistic) over all is taken: a number, or a list
 *     of them where the statistic needs several
 */
public record LoggedSample(JsonNode doc, String target, List<Exchange> exchanges, Map<String, JsonNode> scores) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    public LoggedSample {
        exchanges = List.copyOf(exchanges);
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        if (exchanges.isEmpty()) {
            throw new IllegalArgumentException("a logged sample needs >= 1 request");
        }
    }

    /**
     * A request and its answer.
     *
     * @param arguments of the request; the first is the text that the model reads
     * @param response all that came back
     */
    public record Exchange(List<JsonNode> arguments, JsonNode response) {
        public Exchange {
            arguments = List.copyOf(arguments);
        }

        static Exchange of(Request request, Likelihood answer) {
            return new Exchange(
                    List.of(JSON.textNode(request.context()), JSON.textNode(request.continuation())),
                    JSON.arrayNode().add(text(answer.logLikelihood())).add(answer.greedy() ? "True" : "False"));
        }

        /** A whole document and its log-likelihood. */
        public static Exchange of(String document, double logLikelihood) {
            return new Exchange(List.of(JSON.textNode(document)), text(logLikelihood));
        }

        /** A prompt and what the model has written after it, greedily. */
        public static Exchange written(String prompt, int newTokens, String text) {
            ObjectNode settings = JSON.objectNode()
                    .put("do_sample", false)
                    .put("temperature", 0.0)
                    .put("max_gen_toks", newTokens)
                    .set("until", JSON.arrayNode());
            return new Exchange(List.of(JSON.textNode(prompt), settings), JSON.textNode(text));
        }

        private static JsonNode text(double number) {
            return JSON.textNode(Double.toString(number));
        }
    }

    /** A score of one number. */
    public static JsonNode score(double value) {
        return JSON.numberNode(value);
    }

    /** A score of two numbers, such as a log-likelihood and the number of words it is taken over. */
    static JsonNode score(double value, long weight) {
        return JSON.arrayNode().add(value).add(weight);
    }

    /** As a line of {@code samples_TASK_DATE.jsonl}, in the shape of lm-evaluation-harness 0.4.13. */
    public ObjectNode line(long number) {
        ObjectNode line = JSON.objectNode().put("doc_id", number).set("doc", doc);
        line.put("target", target);
        ObjectNode arguments = line.putObject("arguments");
        ArrayNode responses = line.putArray("resps");
        ArrayNode filtered = line.putArray("filtered_resps");
        for (int i = 0; i < exchanges.size(); i++) {
            Exchange exchange = exchanges.get(i);
            ObjectNode own = arguments.putObject("gen_args_" + i);
            for (int j = 0; j < exchange.arguments().size(); j++) {
                own.set("arg_" + j, exchange.arguments().get(j));
            }
            responses.addArray().add(exchange.response());
            filtered.add(exchange.response());
        }
        line.put("filter", "none");
        ArrayNode metrics = line.putArray("metrics");
        scores.keySet().forEach(metrics::add);
        line.put("doc_hash", DigestUtils.sha256Hex(doc.toString()));
        line.put(
                "prompt_hash",
                DigestUtils.sha256Hex(exchanges.get(0).arguments().get(0).textValue()));
        line.put("target_hash", DigestUtils.sha256Hex(target));
        scores.forEach(line::set);
        return line;
    }
}

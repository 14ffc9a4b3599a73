package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.hopespark.conf.UserException;

/** A {@code tokenizer.json}, checked before a native library sees it, which trusts what it reads. */
final class HuggingFaceFile {
    private static final List<String> USUAL_ENDS =
            List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|eos|>", "[EOS]");

    /** What begins the texts of models whose file does not say it, by what ends them. */
    private static final Map<String, String> USUAL_BEGINS = Map.of(
            "</s>",
            "<s>",
            "<|end_of_text|>",
            "<|begin_of_text|>",
            "<eos>",
            "<bos>",
            "<|eos|>",
            "<|bos|>",
            "[EOS]",
            "[BOS]");

    /** More than any vocabulary has. */
    private static final int MOST_IDS = 1 << 24;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String place;
    private final ObjectNode json;
    private final JsonNode model;
    private final JsonNode vocabulary;
    /** The control tokens by their ids, but for what stands for unknown characters. */
    private final Map<Integer, String> controls = new TreeMap<>();

    /** Ids in front of documents and behind them. */
    record Marks(int start, int end) {}

    private HuggingFaceFile(String place, ObjectNode json) {
        this.place = place;
        this.json = json;
        model = json.path("model");
        vocabulary = model.path("vocab");
        requireSound();
        for (JsonNode token : json.get("added_tokens")) {
            if (isControl(token) && !isUnknown(token)) {
                controls.put(token.get("id").intValue(), token.get("content").textValue());
            }
        }
    }

    static HuggingFaceFile read(String place, byte[] file) {
        JsonNode json;
        try {
            json = JSON.readTree(file);
        } catch (IOException e) {
            throw new UserException(place + " is no tokenizer.json: it is no JSON (" + e.getMessage() + ")", e);
        }
        if (!(json instanceof ObjectNode fields)
                || !json.path("added_tokens").isArray()
                || !json.path("model").isObject()) {
            throw new UserException(place + " is no tokenizer.json: it has no added_tokens or no model");
        }
        return new HuggingFaceFile(place, fields);
    }

    /** A wrong id would be a table of gigabytes in the library. */
    private void requireSound() {
        for (JsonNode token : json.get("added_tokens")) {
            require(
                    isId(token.path("id")) && token.path("content").isTextual(),
                    "the added token " + token + " needs a content and an id from 0 to " + (MOST_IDS - 1));
        }
        for (JsonNode step : json.path("normalizer").findParents("type")) {
            boolean isMap = step.path("type").asText().equals("Precompiled") || step.has("precompiled_charsmap");
            require(
                    !isMap || isSoundMap(step.path("precompiled_charsmap")),
                    "the precompiled_charsmap of its normalizer is missing or damaged");
        }
        require(vocabulary.isContainerNode(), "its model has no vocab");
        for (Map.Entry<String, JsonNode> piece : vocabulary.properties()) {
            require(
                    isId(piece.getValue()),
                    "the id of '" + piece.getKey() + "' is " + piece.getValue() + ", it must be from 0 to "
                            + (MOST_IDS - 1));
        }
        if (vocabulary.isArray()) {
            for (JsonNode piece : vocabulary) {
                require(
                        piece.size() == 2
                                && piece.path(0).isTextual()
                                && piece.path(1).isNumber()
                                && Double.isFinite(piece.path(1).doubleValue()),
                        "the piece " + piece + " needs a text and a score");
            }
            JsonNode unknown = model.path("unk_id");
            require(
                    isAbsent(unknown) || (isId(unknown) && unknown.intValue() < vocabulary.size()),
                    "its unk_id " + unknown + " is none of " + vocabulary.size() + " pieces");
        }
    }

    private static boolean isSoundMap(JsonNode map) {
        try {
            byte[] bytes = map.binaryValue();
            return bytes != null && bytes.length > 0 && CharacterMap.isSound(bytes);
        } catch (IOException notBase64) {
            return false;
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new UserException(place + " is no tokenizer.json: " + otherwise);
        }
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static boolean isId(JsonNode id) {
        return id.isInt() && id.intValue() >= 0 && id.intValue() < MOST_IDS;
    }

    private static boolean isControl(JsonNode token) {
        return token.path("special").asBoolean();
    }

    private boolean isUnknown(JsonNode token) {
        return token.get("content").equals(model.path("unk_token"))
                || (vocabulary.isArray() && token.get("id").equals(model.path("unk_id")));
    }

    int vocabularySize() {
        int greatest = vocabulary.isArray() ? vocabulary.size() - 1 : -1;
        for (Map.Entry<String, JsonNode> piece : vocabulary.properties()) {
            greatest = Math.max(greatest, piece.getValue().intValue());
        }
        for (JsonNode token : json.get("added_tokens")) {
            greatest = Math.max(greatest, token.get("id").intValue());
        }
        return greatest + 1;
    }

    Map<Integer, String> controls() {
        return controls;
    }

    /**
     * What marks documents: a control token, as any text may spell another one.
     *
     * @param wanted its name; empty to take what ends texts by its usual name, or in the file's post-processor, and
     *     what begins them there
     */
    Marks marks(String wanted) {
        Map<String, Integer> ids = new HashMap<>();
        controls.forEach((id, name) -> ids.put(name, id));
        if (!wanted.isEmpty()) {
            int mark = Optional.ofNullable(ids.get(wanted)).orElseThrow(() -> noMark("'" + wanted + "'", ids.keySet()));
            return new Marks(mark, mark);
        }
        Template template = new Template(json.path("post_processor"));
        String end = USUAL_ENDS.stream()
                .filter(ids::containsKey)
                .findFirst()
                .or(() -> template.end().filter(controls::containsKey).map(controls::get))
                .orElseThrow(() -> noMark("that usually ends a document", ids.keySet()));
        int endId = Objects.requireNonNull(ids.get(end));
        int usual = ids.getOrDefault(USUAL_BEGINS.getOrDefault(end, end), endId);
        return new Marks(
                template.isThere()
                        ? template.begin().filter(controls::containsKey).orElse(endId)
                        : usual,
                endId);
    }

    private UserException noMark(String which, Set<String> known) {
        return new UserException(place + " has no special token " + which
                + "; name one behind the path, as in huggingface:" + place + "#TOKEN, out of: "
                + String.join(" ", known.stream().sorted().toList()));
    }

    /** What a post-processor puts around a text. */
    private static final class Template {
        private Optional<Integer> begin = Optional.empty();
        private Optional<Integer> end = Optional.empty();
        private boolean isThere;

        Template(JsonNode processor) {
            processor.path("processors").forEach(this::read);
            read(processor);
        }

        private void read(JsonNode processor) {
            switch (processor.path("type").asText()) {
                case "BertProcessing", "RobertaProcessing" -> {
                    isThere = true;
                    begin = id(processor.path("cls").path(1));
                    end = id(processor.path("sep").path(1));
                }
                case "TemplateProcessing" -> {
                    isThere = true;
                    JsonNode pieces = processor.path("single");
                    begin = idOf(pieces.path(0), processor);
                    end = idOf(pieces.path(pieces.size() - 1), processor);
                }
                default -> {}
            }
        }

        private static Optional<Integer> idOf(JsonNode piece, JsonNode processor) {
            String name = piece.path("SpecialToken").path("id").asText();
            return id(processor.path("special_tokens").path(name).path("ids").path(0));
        }

        private static Optional<Integer> id(JsonNode id) {
            return isId(id) ? Optional.of(id.intValue()) : Optional.empty();
        }

        boolean isThere() {
            return isThere;
        }

        Optional<Integer> begin() {
            return begin;
        }

        Optional<Integer> end() {
            return end;
        }
    }

    /**
     * The file as text is encoded with it. Control tokens have names that no text can hold, so that none spells them:
     * not as added tokens, and not as pieces of the vocabulary. One that the vocabulary holds is no added token any
     * more; another one stays, because the library numbers added tokens by place. A text has the same ids every time
     * ({@code dropout} is for training), and all of them: nothing is cut off, filled up or put around it.
     */
    ObjectNode forText() {
        ObjectNode text = json.deepCopy();
        for (String field : List.of("truncation", "padding", "post_processor")) {
            text.putNull(field);
        }
        if (text.has("normalizer")) {
            text.set("normalizer", withoutStrip(text.get("normalizer")));
        }
        ObjectNode ownModel = (ObjectNode) text.get("model");
        if (ownModel.has("dropout")) {
            ownModel.putNull("dropout");
        }
        Map<String, String> names = new HashMap<>();
        controls.values()
                .forEach(control -> names.put(control, UUID.randomUUID().toString()));
        Predicate<String> inVocabulary = rename(ownModel, names);
        for (Iterator<JsonNode> tokens = text.get("added_tokens").elements(); tokens.hasNext(); ) {
            ObjectNode token = (ObjectNode) tokens.next();
            String content = token.get("content").textValue();
            if (isControl(token) && inVocabulary.test(content)) {
                tokens.remove();
            } else if (isControl(token) && names.containsKey(content)) {
                token.put("content", names.get(content));
            }
        }
        return text;
    }

    /**
     * What strips blanks as a replacement that does the same: version 0.21 of the library panics where the text in
     * front of them ends in more than one byte (huggingface/tokenizers issue 1452).
     */
    private static JsonNode withoutStrip(JsonNode normalizer) {
        if (normalizer.path("normalizers") instanceof ArrayNode steps) {
            for (int i = 0; i < steps.size(); i++) {
                steps.set(i, withoutStrip(steps.get(i)));
            }
        }
        JsonNode left = normalizer.path("strip_left");
        JsonNode right = normalizer.path("strip_right");
        if (!normalizer.path("type").asText().equals("Strip") || !left.isBoolean() || !right.isBoolean()) {
            return normalizer;
        }
        ObjectNode sequence = JSON.createObjectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        if (left.booleanValue()) {
            steps.add(removal("\\A\\s+"));
        }
        if (right.booleanValue()) {
            steps.add(removal("(?<!\\s)\\s+\\z"));
        }
        return sequence;
    }

    private static ObjectNode removal(String regex) {
        ObjectNode replace = JSON.createObjectNode().put("type", "Replace").put("content", "");
        replace.putObject("pattern").put("Regex", regex);
        return replace;
    }

    /** Renames pieces of the vocabulary, and leaves out the merges that lead to them; returns what it holds. */
    private static Predicate<String> rename(ObjectNode model, Map<String, String> names) {
        if (model.get("vocab") instanceof ArrayNode pieces) {
            Set<String> known = new HashSet<>();
            for (JsonNode piece : pieces) {
                String name = piece.get(0).textValue();
                known.add(name);
                if (names.containsKey(name)) {
                    ((ArrayNode) piece).set(0, names.get(name));
                }
            }
            return known::contains;
        }
        JsonNode known = model.get("vocab");
        ObjectNode renamed = JSON.createObjectNode();
        known.properties()
                .forEach(piece -> renamed.set(names.getOrDefault(piece.getKey(), piece.getKey()), piece.getValue()));
        model.set("vocab", renamed);
        if (model.get("merges") instanceof ArrayNode merges) {
            for (Iterator<JsonNode> all = merges.elements(); all.hasNext(); ) {
                List<String> parts = parts(all.next());
                if (parts.stream().anyMatch(names::containsKey) || names.containsKey(String.join("", parts))) {
                    all.remove();
                }
            }
        }
        return known::has;
    }

    private static List<String> parts(JsonNode merge) {
        if (merge.isTextual()) {
            return List.of(merge.textValue().split(" ", 2));
        }
        List<String> parts = new ArrayList<>();
        merge.forEach(part -> parts.add(part.asText()));
        return parts;
    }
}

package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.source.CorruptInputException;

/**
 * Opens damaged tokenizers and encodes texts with those that open, in a process of its own: a native library that
 * panics takes the process with it. What is being opened lies in the folder until it is done with.
 */
final class DamagedTokenizers {
    static final List<String> TEXTS = List.of(
            "",
            " ",
            "  lead and trail  ",
            "Hello worlds, it's 1851.\r\n\r\n\tx</s><s> [CLS]hello[SEP]",
            "Gr\u00FC\u00DFe \u9BE8\uD834\uDD1E \uFB01 e\u0301\u0323 \u0130 \u00A0\u200B\u2581\u0000\uFFFD",
            "a".repeat(3000),
            "\u0301".repeat(200));

    /** JSON that may stand where other JSON was. */
    private static final List<String> ODD = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1",
            "0.5",
            "1e300",
            "4294967295",
            "9007199254740993",
            "\"\"",
            "\" \"",
            "\"a\"",
            "\"\\u0000\"",
            "\"(\"",
            "\"(?=)\"",
            "\"[UNK]\"",
            "\"AAAA\"",
            "\"////////\"",
            "[]",
            "{}",
            "[[]]",
            "[\"a\", 1]",
            "{\"Regex\": \"\"}",
            "{\"String\": \"\"}",
            "{\"Regex\": \"(a*)*b\"}",
            "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}",
            "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}, \"content\": \"x\"}",
            "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"CAAAAAEAAAACAAAAYQA=\"}",
            "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\"}, \"behavior\": \"Removed\", \"invert\": true}");

    private DamagedTokenizers() {}

    /** Folder, first number and the number behind the last. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        for (int number = Integer.parseInt(arguments[1]); number < Integer.parseInt(arguments[2]); number++) {
            Random random = new Random(number * 0x9E3779B97F4A7C15L); // small seeds begin alike
            boolean json = number % 4 != 0;
            Path file = folder.resolve(json ? "tokenizer.json" : "tokenizer.model");
            Files.write(file, json ? damagedJson(random) : damaged(sentencePiece(), random));
            Files.writeString(folder.resolve("number"), Integer.toString(number));
            open((json ? "huggingface:" : "sentencepiece:") + file);
            Files.delete(file);
        }
    }

    /** Refusing is in order, in words. */
    private static void open(String name) {
        try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
            TEXTS.forEach(text -> encode(tokenizer, text));
        } catch (UserException refused) {
            assertThat(refused).hasMessageContaining("tokenizer.");
        }
    }

    private static void encode(Tokenizer tokenizer, String text) {
        try {
            assertThat(tokenizer.decode(tokenizer.encode(text))).isNotNull();
        } catch (CorruptInputException refused) {
            assertThat(refused).hasMessageContaining("tokenizer.");
        }
    }

    private static byte[] sentencePiece() throws IOException {
        try (InputStream model = DamagedTokenizers.class.getResourceAsStream("sentencepiece.model")) {
            return Objects.requireNonNull(model).readAllBytes();
        }
    }

    private static byte[] damagedJson(Random random) throws IOException {
        String sound = TokenizerFiles.ALL.get(random.nextInt(TokenizerFiles.ALL.size()));
        if (random.nextInt(8) == 0) {
            return damaged(sound.getBytes(StandardCharsets.UTF_8), random);
        }
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json = mapper.readTree(sound);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            change(json, random, mapper);
        }
        return mapper.writeValueAsBytes(json);
    }

    private static void change(JsonNode json, Random random, ObjectMapper mapper) throws IOException {
        List<JsonNode> groups = new ArrayList<>();
        collect(json, groups);
        JsonNode group = groups.get(random.nextInt(groups.size()));
        JsonNode odd = random.nextInt(6) == 0
                ? groups.get(random.nextInt(groups.size())).deepCopy()
                : mapper.readTree(ODD.get(random.nextInt(ODD.size())));
        if (group instanceof ArrayNode list && !list.isEmpty()) {
            int at = random.nextInt(list.size());
            switch (random.nextInt(3)) {
                case 0 -> list.remove(at);
                case 1 -> list.insert(at, odd);
                default -> list.set(at, odd);
            }
        } else if (group instanceof ObjectNode fields && !fields.isEmpty()) {
            List<String> names = new ArrayList<>();
            for (Iterator<String> all = fields.fieldNames(); all.hasNext(); ) {
                names.add(all.next());
            }
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> fields.remove(name);
                case 1 -> fields.set("x" + name, odd);
                default -> fields.set(name, odd);
            }
        }
    }

    private static void collect(JsonNode json, List<JsonNode> groups) {
        if (json.isContainerNode()) {
            groups.add(json);
            json.forEach(child -> collect(child, groups));
        }
    }

    /** Cut, or with some other bytes. */
    private static byte[] damaged(byte[] sound, Random random) {
        byte[] bytes = sound.clone();
        if (random.nextInt(4) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
            bytes[random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 200))] =
                    (byte) random.nextInt(256);
        }
        return bytes;
    }
}

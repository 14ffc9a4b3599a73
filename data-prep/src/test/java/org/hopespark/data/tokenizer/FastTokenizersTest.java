package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The encoder of this project against jtokkit and the Hugging Face library. */
class FastTokenizersTest {
    private static final String LLAMA_3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String QWEN_2 = LLAMA_3.replace("{1,3}", "");

    @TempDir
    private Path folder;

    private final Storage storage = new Storage(new Configuration());

    @ParameterizedTest
    @CsvSource({"gpt2, R50K_BASE", "cl100k, CL100K_BASE"})
    void nastyTextsGetTheIdsOfJtokkit(String name, EncodingType type) {
        Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(type);
        try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
            // Java 17 does not know letters that came later, and jtokkit asks Java
            NastyTexts.of(1, Character::isDefined).limit(20_000).forEach(text -> {
                assertThat(tokenizer.encode(text))
                        .as(escaped(text))
                        .containsExactly(jtokkit.encodeOrdinary(text).toArray());
            });
        }
    }

    @Test
    void halfASurrogatePairIsAQuestionMark() {
        try (Tokenizer tokenizer = Tokenizers.of("gpt2", SmallData.STORAGE)) {
            assertThat(tokenizer.encode("a \uD800b\uDC00")).isEqualTo(tokenizer.encode("a ?b?"));
        }
    }

    @Test
    void cl100kGivesTheIdsOfTiktoken() {
        try (Tokenizer tokenizer = Tokenizers.of("cl100k", SmallData.STORAGE)) {
            // from tiktoken 0.14.0; the long s is an s in another case, and in 'sab it ends a contraction
            assertThat(tokenizer.encode("a \n  ")).containsExactly(64, 720, 256);
            assertThat(tokenizer.encode("'\u017Fab")).containsExactly(6, 129, 123, 370);
            assertThat(tokenizer.documentEnd()).isEqualTo(100_257);
            assertThat(tokenizer.vocabularySize()).isEqualTo(100_277);
        }
    }

    @Test
    void nastyTextsGetTheIdsOfTheLibraryFromAFileOfGpt2() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Gpt2TokenizerJson.write(file);

        assertSameIdsAsTheLibrary(
                file, NastyTexts.of(2, Character::isValidCodePoint).limit(20_000));
        try (Tokenizer gpt2 = Tokenizers.of("gpt2", SmallData.STORAGE);
                Tokenizer library = HuggingFaceTokenizer.read(file.toString(), "", storage)) {
            NastyTexts.of(3, Character::isValidCodePoint)
                    .limit(5_000)
                    .forEach(text ->
                            assertThat(gpt2.encode(text)).as(escaped(text)).containsExactly(library.encode(text)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LLAMA_3_NAME, "qwen-2"})
    void nastyTextsGetTheIdsOfTheLibraryWithOtherPatterns(String name) throws IOException {
        Path file = file(json -> json.set("pre_tokenizer", splitBy(name.equals(LLAMA_3_NAME) ? LLAMA_3 : QWEN_2)));

        assertSameIdsAsTheLibrary(
                file, NastyTexts.of(4, Character::isValidCodePoint).limit(20_000));
    }

    private static final String LLAMA_3_NAME = "llama-3";

    @Test
    void normalizationWholeWordsAndAddedTokensAreTheLibrarys() throws IOException {
        Path file = file(json -> {
            json.set("normalizer", new ObjectMapper().createObjectNode().put("type", "NFC"));
            json.withObject("/model").put("ignore_merges", true);
            ObjectNode token =
                    (ObjectNode) json.withArray("/added_tokens").get(0).deepCopy();
            token.put("special", false).put("normalized", true);
            json.withArray("/added_tokens")
                    .add(token.deepCopy().put("id", 50257).put("content", "   "));
            json.withArray("/added_tokens")
                    .add(token.deepCopy().put("id", 50258).put("content", "  "));
            json.withArray("/added_tokens")
                    .add(token.deepCopy().put("id", 50259).put("content", "Hello world"));
        });

        assertSameIdsAsTheLibrary(
                file, NastyTexts.of(5, Character::isValidCodePoint).limit(20_000));
    }

    @Test
    void aFileThatIsNotUnderstoodIsLeftToTheLibrary() throws IOException {
        Path prefixed = file(json -> ((ObjectNode) json.get("pre_tokenizer")).put("add_prefix_space", true));
        Path lowercase = file(json ->
                json.set("normalizer", new ObjectMapper().createObjectNode().put("type", "Lowercase")));

        for (Path file : List.of(prefixed, lowercase)) {
            try (Tokenizer tokenizer = Tokenizers.of("huggingface:" + file, SmallData.STORAGE)) {
                assertThat(tokenizer).isInstanceOf(HuggingFaceTokenizer.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "ab", "1", "!", "\u00FC", "a "})
    void longRunsComeBack(String piece) {
        String text = piece.repeat(1 << 20);
        for (String name : List.of("gpt2", "cl100k")) {
            try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
                assertThat(tokenizer.decode(tokenizer.encode(text)).equals(text))
                        .isTrue();
            }
        }
    }

    @Test
    void longWordsGetTheIdsOfJtokkit() {
        Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        try (Tokenizer tokenizer = Tokenizers.of("gpt2", SmallData.STORAGE)) {
            for (String piece : List.of("a", "thequick", "=-", "xyzzy\u00FC", "\u9BE8\u4E09")) {
                String text = piece.repeat(500);
                assertThat(tokenizer.encode(text))
                        .as(piece)
                        .containsExactly(jtokkit.encodeOrdinary(text).toArray());
            }
        }
    }

    /** Needs a folder of test data: -Dhope.data=FOLDER. */
    @ParameterizedTest
    @CsvSource({"gpt2, r50k_base_encodings.csv", "cl100k, base_prompts.csv"})
    void publishedVectorsAreReproduced(String name, String vectors) throws IOException {
        Matcher rows = Pattern.compile("(?m)^(\"(?:[^\"]|\"\")*\"|[^\",\\n]*),\"\\[([0-9, ]*)]\"")
                .matcher(Files.readString(data("tokenizers/jtokkit-testvectors/" + vectors)));
        int count = 0;
        try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
            for (; rows.find(); count++) {
                String field = rows.group(1);
                String text = field.startsWith("\"")
                        ? field.substring(1, field.length() - 1).replace("\"\"", "\"")
                        : field;
                assertThat(tokenizer.encode(text))
                        .as(text)
                        .containsExactly(Arrays.stream(rows.group(2).split(", "))
                                .mapToInt(Integer::parseInt)
                                .toArray());
            }
        }
        assertThat(count).isGreaterThan(10);
    }

    /** Needs a folder of test data: -Dhope.data=FOLDER. */
    @ParameterizedTest
    @ValueSource(strings = {"books", "peps", "flores200"})
    void aCorpusGetsTheIdsOfTheLibraries(String name) throws IOException {
        Path neox = data("tokenizers/gpt-neox/20B_tokenizer.json");
        List<String> texts = texts(data("corpus/" + name), 4_000_000);
        Path file = folder.resolve("tokenizer.json");
        Gpt2TokenizerJson.write(file);

        assertSameIdsAsTheLibrary(file, texts.stream());
        assertSameIdsAsTheLibrary(neox, texts.stream());
        Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);
        try (Tokenizer cl100k = Tokenizers.of("cl100k", SmallData.STORAGE)) {
            for (String text : texts) {
                assertThat(cl100k.encode(text))
                        .as(text)
                        .containsExactly(jtokkit.encodeOrdinary(text).toArray());
            }
        }
    }

    private List<String> texts(Path corpus, long characters) throws IOException {
        Input input = new Input(corpus + "/*.jsonl*", "", Format.AUTO, "text", "id", "**");
        Stream.Builder<String> texts = Stream.builder();
        long read = 0;
        for (InputFile file : InputFile.list(List.of(input), storage)) {
            try (DocumentReader reader = DocumentReader.open(new InputPart(file, 0, 1), storage)) {
                for (Optional<Document> next = reader.next();
                        next.isPresent() && read < characters;
                        next = reader.next()) {
                    texts.add(next.get().text());
                    read += next.get().text().length();
                }
            }
        }
        return texts.build().toList();
    }

    private void assertSameIdsAsTheLibrary(Path file, Stream<String> texts) {
        try (Tokenizer fast = Tokenizers.of("huggingface:" + file, SmallData.STORAGE);
                Tokenizer library = HuggingFaceTokenizer.read(file.toString(), "", storage)) {
            assertThat(fast).isInstanceOf(ByteLevelTokenizer.class);
            texts.forEach(
                    text -> assertThat(fast.encode(text)).as(escaped(text)).containsExactly(library.encode(text)));
        }
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars()
                .limit(200)
                .forEach(c -> escaped.append(c >= ' ' && c < 127 ? "" + (char) c : String.format("\\u%04x", c)));
        return escaped.toString();
    }

    private interface Change {
        void apply(ObjectNode json);
    }

    private Path file(Change change) throws IOException {
        Path file = Files.createTempFile(folder, "tokenizer", ".json");
        Gpt2TokenizerJson.write(file);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(Files.readAllBytes(file));
        change.apply(json);
        return Files.write(file, mapper.writeValueAsBytes(json));
    }

    private static JsonNode splitBy(String pattern) {
        ObjectNode steps = new ObjectMapper().createObjectNode().put("type", "Sequence");
        ObjectNode split = steps.withArray("/pretokenizers").addObject();
        split.put("type", "Split").put("behavior", "Isolated").put("invert", false);
        split.putObject("pattern").put("Regex", pattern);
        steps.withArray("/pretokenizers")
                .addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", false);
        return steps;
    }

    private static Path data(String name) {
        String folder = System.getProperty("hope.data", "");
        assumeTrue(!folder.isEmpty(), "needs -Dhope.data=FOLDER with published corpora and tokenizers");
        Path path = Path.of(folder, name);
        assumeTrue(Files.exists(path), () -> "no " + path);
        return path;
    }
}

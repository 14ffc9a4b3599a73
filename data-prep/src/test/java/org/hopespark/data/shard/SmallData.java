package org.hopespark.data.shard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.DataSet;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.Tokenizer;

/** Small corpora, and data sets that are made of them in one thread. */
public final class SmallData {
    public static final Storage STORAGE = new Storage(new Configuration());

    private SmallData() {}

    public static Input input(Path path) {
        return new Input(path.toString(), "", Format.AUTO, "text", "id", "**");
    }

    /** Documents of very different lengths, with letters of one to four bytes. */
    public static Path jsonLines(Path folder, int documents, long seed) {
        Random random = new Random(seed);
        String letters = "abcdefghij \n\"\\äß€𝄞";
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < documents; i++) {
            int length = 1 + (random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(60));
            String text = random.ints(length, 0, letters.codePointCount(0, letters.length()))
                    .map(at -> letters.codePointAt(letters.offsetByCodePoints(0, at)))
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining());
            lines.add("{\"id\": \"d" + i + "\", \"text\": \""
                    + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"}");
        }
        try {
            return Files.write(folder.resolve("corpus-" + seed + ".jsonl"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Document> read(Input input) {
        List<Document> documents = new ArrayList<>();
        for (InputFile file : InputFile.list(List.of(input), STORAGE)) {
            for (InputPart part : file.parts(1)) {
                documents.addAll(read(part));
            }
        }
        return documents;
    }

    public static List<Document> read(InputPart part) {
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(part, STORAGE)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                documents.add(next.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documents;
    }

    public static DataSet prepare(Path output, Tokenizer tokenizer, Packing packing, Path... inputs) {
        return prepare(output, tokenizer, packing, List.of(), inputs);
    }

    public static DataSet prepare(
            Path output, Tokenizer tokenizer, Packing packing, List<Stage> stages, Path... inputs) {
        List<InputFile> files =
                InputFile.list(Arrays.stream(inputs).map(SmallData::input).toList(), STORAGE);
        Recipe recipe = Recipe.of(
                tokenizer,
                packing,
                stages,
                files.stream().map(file -> file.source(STORAGE)).toList());
        DataSetFolder folder = new DataSetFolder(output.toString(), STORAGE);
        folder.claim(recipe);
        List<TokenizedDocument> documents = new ArrayList<>();
        List<PartReport> reports = new ArrayList<>();
        for (InputFile file : files) {
            InputPart part = file.parts(1).get(0);
            try (PartTokenizer all = new PartTokenizer(part, STORAGE, stages, tokenizer, packing, lane -> true, 0)) {
                all.forEachRemaining(row -> documents.add((TokenizedDocument) row));
                reports.add(all.report());
            }
        }
        documents.sort((a, b) -> Arrays.compareUnsigned(a.order(), b.order()));
        for (int lane = 0; lane < packing.allLanes(); lane++) {
            int wanted = lane;
            folder.writeLane(
                    recipe,
                    lane,
                    documents.stream().filter(d -> d.lane() == wanted).iterator(),
                    "attempt");
        }
        folder.finish(recipe, reports);
        return DataSet.open(output.toString(), STORAGE);
    }

    /** All rows of a lane. */
    public static List<PackedRow> rows(DataSet dataSet, int lane) {
        List<PackedRow> rows = new ArrayList<>();
        try (ShardReader reader = dataSet.reader(lane)) {
            for (var row = reader.read(); row.isPresent(); row = reader.read()) {
                rows.add(row.get().packed());
            }
        }
        return rows;
    }

    /** The texts of the documents of a lane, put together from its rows. */
    public static List<String> texts(DataSet dataSet, int lane, Tokenizer tokenizer) {
        List<String> texts = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        for (PackedRow row : rows(dataSet, lane)) {
            for (int segment = 0; segment < row.segments(); segment++) {
                // The last id of a row comes again as the first of the next one.
                for (int at = row.begin(segment); at < row.ends()[segment]; at++) {
                    if (at < row.tokens().length - 1 || row.tokens()[at] == tokenizer.documentEnd()) {
                        open.add(row.tokens()[at]);
                    }
                }
                if (row.ends()[segment] < row.tokens().length) {
                    texts.add(text(open, tokenizer));
                    open.clear();
                }
            }
        }
        if (!open.isEmpty()) {
            texts.add(text(open, tokenizer));
        }
        return texts;
    }

    private static String text(List<Integer> ids, Tokenizer tokenizer) {
        return tokenizer.decode(ids.stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id != tokenizer.documentEnd() && id != tokenizer.documentStart())
                .toArray());
    }
}

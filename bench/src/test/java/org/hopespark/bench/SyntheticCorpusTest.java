package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyntheticCorpusTest {
    @TempDir
    private Path folder;

    private final SyntheticCorpus corpus = corpus(1);

    private static SyntheticCorpus corpus(long seed) {
        String book = IntStream.range(0, 2_000)
                .mapToObj(paragraph -> IntStream.range(0, 60)
                        .mapToObj(word -> "w" + (paragraph * 60 + word))
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n\n"));
        return new SyntheticCorpus(List.of(new Document("1", book, "book")), seed, 0.1);
    }

    @Test
    void theSameSeedMakesTheSameFiles() throws IOException {
        SyntheticCorpus.Written one = corpus.write(1_000_000, folder.resolve("one"));
        SyntheticCorpus.Written two = corpus(1).write(1_000_000, folder.resolve("two"));

        assertThat(one).isEqualTo(two);
        assertThat(one.bytes()).isBetween(1_000_000L, 1_020_000L);
        assertThat(Files.readAllBytes(folder.resolve("one/part-00000.jsonl.zst")))
                .isEqualTo(Files.readAllBytes(folder.resolve("two/part-00000.jsonl.zst")));
        assertThat(corpus(2).text(0)).isNotEqualTo(corpus.text(0));
    }

    @Test
    @Tag("slow")
    void theWantedShareOfDocumentsResemblesAnEarlierOneAndTheOthersNone() {
        List<Set<String>> shingles =
                LongStream.range(0, 400).mapToObj(i -> shingles(corpus.text(i))).toList();
        long similar = 0;
        for (int i = 0; i < shingles.size(); i++) {
            int number = i;
            boolean found =
                    IntStream.range(0, i).anyMatch(before -> jaccard(shingles.get(before), shingles.get(number)) > 0.8);
            assertThat(found).as("document " + i).isEqualTo(corpus.isDuplicate(i));
            similar += found ? 1 : 0;
        }

        // four standard deviations of 400 draws
        assertThat((double) similar / shingles.size()).isCloseTo(0.1, within(0.06));
    }

    private static Set<String> shingles(String text) {
        String[] words = text.split("\\s+", -1);
        Set<String> shingles = new HashSet<>();
        for (int i = 0; i + 5 <= words.length; i++) {
            shingles.add(String.join(" ", Arrays.asList(words).subList(i, i + 5)));
        }
        return shingles;
    }

    private static double jaccard(Set<String> a, Set<String> b) {
        double both = a.stream().filter(b::contains).count();
        return both / (a.size() + b.size() - both);
    }
}

package org.hopespark.data.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.data.bpe.ByteAlphabet;

/**
 * The {@code gpt2} tokenizer as a file for Hugging Face's tokenizers, which name merges where tiktoken names ranks: the
 * merge that makes a token joins the two pieces that all earlier merges leave of it.
 */
public final class Gpt2TokenizerJson {
    private Gpt2TokenizerJson() {}

    /** Writes the file. */
    public static void write(Path file) {
        try {
            Files.write(file, content());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it holds. */
    static byte[] content() {
        List<String> tokens = new ArrayList<>(tokens());
        Map<String, Integer> rankOf = new HashMap<>();
        List<String> merges = new ArrayList<>();
        for (String token : tokens) {
            if (token.length() > 1) {
                merges.add(mergeOf(token, rankOf));
            }
            rankOf.put(token, rankOf.size());
        }
        tokens.add(ByteLevelJson.MARK);
        return ByteLevelJson.of(tokens, merges);
    }

    /** By rank. */
    private static List<String> tokens() {
        return RankTokenizer.gpt2Tokens().stream().map(ByteAlphabet::letters).toList();
    }

    private static String mergeOf(String token, Map<String, Integer> earlier) {
        List<String> pieces =
                new ArrayList<>(token.chars().mapToObj(Character::toString).toList());
        while (pieces.size() > 2) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                int rank = earlier.getOrDefault(pieces.get(i) + pieces.get(i + 1), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
            pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
        }
        return pieces.get(0) + " " + pieces.get(1);
    }
}

package org.hopespark.data.bpe;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Text to ids: words, and of each word the merges. The ids of words that come again are remembered, in bounded memory.
 *
 * <p>A text is taken as its UTF-8, in which half a surrogate pair is a question mark. An instance belongs to one
 * thread.
 */
public final class BytePairEncoder {
    /** Longer words are merged each time. */
    private static final int REMEMBERED_BYTES = 64;

    private static final int REMEMBERED_WORDS = 1 << 16;
    private static final int REMEMBERED_LONGS = 1 << 19;

    private final PreTokenizer words;
    private final int[] idOfByte;
    private final Merges merges;
    private final WordTable whole;
    private final TokenTrie added;
    private final WordTable remembered = new WordTable(REMEMBERED_WORDS);
    private final IdList ids = new IdList();

    private BytePairEncoder(PreTokenizer words, int[] idOfByte, Merges merges, WordTable whole, TokenTrie added) {
        this.words = words;
        this.idOfByte = idOfByte;
        this.merges = merges;
        this.whole = whole;
        this.added = added;
    }

    /**
     * An encoder that merges whatever adjacent pair makes the token with the least id, as tiktoken does; a word that is
     * a token is that token.
     *
     * @param tokens by id; all 256 single bytes must be among them
     */
    public static BytePairEncoder ofRanks(List<byte[]> tokens, PreTokenizer words) {
        WordTable idOf = new WordTable(tokens.size());
        IntStream.range(0, tokens.size()).forEach(id -> idOf.put(new Token(tokens.get(id), id)));
        Merges merges = new Merges();
        for (int id = 0; id < tokens.size(); id++) {
            byte[] token = tokens.get(id);
            for (int split = 1; split < token.length; split++) {
                int left = idOf.find(token, 0, split);
                int right = idOf.find(token, split, token.length);
                if (left != 0 && right != 0) {
                    merges.put(idOf.id(left), idOf.id(right), id, id);
                }
            }
        }
        int[] idOfByte = IntStream.range(0, 256)
                .map(b -> idOf.id(idOf.find(new byte[] {(byte) b}, 0, 1)))
                .toArray();
        return new BytePairEncoder(words, idOfByte, merges, idOf, new TokenTrie(List.of()));
    }

    /**
     * An encoder of listed merges, as Hugging Face's tokenizers do it.
     *
     * @param idOfByte ids of the 256 single bytes; of those that no UTF-8 has, any number
     * @param merges in their order
     * @param words how text is cut into words
     * @param whole words that are one token whatever the merges make of them
     * @param added texts that are one token wherever they stand, the longest first; what lies between two of them is
     *     cut into words on its own
     */
    public static BytePairEncoder ofMerges(
            int[] idOfByte, List<Merge> merges, PreTokenizer words, List<Token> whole, List<Token> added) {
        if (idOfByte.length != 256) {
            throw new IllegalArgumentException("there are 256 bytes, got ids of " + idOfByte.length);
        }
        Merges table = new Merges();
        for (int rank = 0; rank < merges.size(); rank++) {
            Merge merge = merges.get(rank);
            table.put(merge.left(), merge.right(), rank, merge.merged());
        }
        WordTable wholeWords = new WordTable(whole.size());
        whole.forEach(wholeWords::put);
        return new BytePairEncoder(words, idOfByte.clone(), table, wholeWords, new TokenTrie(added));
    }

    /** The ids of a text. */
    public int[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ids.clear();
        int begin = added.isEmpty() ? 0 : encodeAdded(utf8);
        encodeWords(utf8, begin, utf8.length);
        return ids.toArray();
    }

    /** Encodes up to the end of the last added token. */
    private int encodeAdded(byte[] utf8) {
        int begin = 0;
        int at = 0;
        while (at < utf8.length) {
            int length = added.longestAt(utf8, at);
            if (length == 0) {
                at++;
            } else {
                encodeWords(utf8, begin, at);
                ids.add(added.idOf(utf8, at, length));
                at += length;
                begin = at;
            }
        }
        return begin;
    }

    private void encodeWords(byte[] utf8, int begin, int end) {
        int at = begin;
        while (at < end) {
            int wordEnd = words.wordEnd(utf8, at, end);
            encodeWord(utf8, at, wordEnd);
            at = wordEnd;
        }
    }

    private void encodeWord(byte[] utf8, int begin, int end) {
        if (end - begin > REMEMBERED_BYTES) {
            encodeNewWord(utf8, begin, end);
            return;
        }
        int hash = remembered.hash(utf8, begin, end);
        int entry = remembered.find(utf8, begin, end, hash);
        if (entry != 0) {
            remembered.copyIds(entry, ids);
            return;
        }
        int from = ids.size();
        encodeNewWord(utf8, begin, end);
        if (remembered.words() == REMEMBERED_WORDS || remembered.used() > REMEMBERED_LONGS) {
            remembered.clear();
        }
        remembered.put(utf8, begin, end, hash, ids, from);
    }

    private void encodeNewWord(byte[] utf8, int begin, int end) {
        int entry = whole.find(utf8, begin, end);
        if (entry != 0) {
            ids.add(whole.id(entry));
        } else {
            merges.merge(utf8, begin, end, idOfByte, ids);
        }
    }
}

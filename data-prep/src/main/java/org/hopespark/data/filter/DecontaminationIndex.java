package org.hopespark.data.filter;

import java.io.Serial;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Hashes of the n-grams of evaluation texts, each with the first task that has it. It is built once, on the driver; ten
 * bytes an n-gram travel to the executors, and two more of a filter that answers most questions without a search.
 */
final class DecontaminationIndex implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int ngramWords;
    private final List<String> tasks;
    /** Ascending. */
    private final long[] hashes;
    /** By the place of the hash. */
    private final short[] taskOf;
    /** A bit for the upper bits of each hash, and sixteen times as many bits as hashes. */
    private final long[] filter;

    private final int filterShift;

    private DecontaminationIndex(int ngramWords, List<String> tasks, long[] hashes, short[] taskOf) {
        this.ngramWords = ngramWords;
        this.tasks = tasks;
        this.hashes = hashes;
        this.taskOf = taskOf;
        int bits = Math.max(6, 64 - Long.numberOfLeadingZeros(8L * hashes.length));
        filterShift = 64 - bits;
        filter = new long[1 << (bits - 6)];
        for (long hash : hashes) {
            long bit = hash >>> filterShift;
            filter[(int) (bit >>> 6)] |= 1L << bit;
        }
    }

    /** The index of texts by task; texts of fewer than n words leave nothing in it. */
    static DecontaminationIndex of(int ngramWords, Map<String, List<String>> textsByTask) {
        if (textsByTask.size() > Short.MAX_VALUE) {
            throw new IllegalArgumentException("at most " + Short.MAX_VALUE + " tasks, got " + textsByTask.size());
        }
        List<String> tasks = List.copyOf(textsByTask.keySet());
        long[] hashes = {};
        short[] taskOf = {};
        for (short task = 0; task < tasks.size(); task++) {
            List<String> texts = textsByTask.getOrDefault(tasks.get(task), List.of());
            long[] of = texts.stream()
                    .flatMapToLong(text -> hashes(text, ngramWords))
                    .sorted()
                    .distinct()
                    .toArray();
            long[] both = new long[hashes.length + of.length];
            short[] taskOfBoth = new short[both.length];
            int size = 0;
            for (int i = 0, k = 0; i < hashes.length || k < of.length; size++) {
                boolean known = k == of.length || (i < hashes.length && hashes[i] <= of[k]);
                if (known && k < of.length && hashes[i] == of[k]) {
                    k++;
                }
                both[size] = known ? hashes[i] : of[k];
                taskOfBoth[size] = known ? taskOf[i] : task;
                if (known) {
                    i++;
                } else {
                    k++;
                }
            }
            hashes = Arrays.copyOf(both, size);
            taskOf = Arrays.copyOf(taskOfBoth, size);
        }
        return new DecontaminationIndex(ngramWords, tasks, hashes, taskOf);
    }

    private static LongStream hashes(String text, int ngramWords) {
        NormalNgrams ngrams = new NormalNgrams(text, ngramWords);
        LongStream.Builder hashes = LongStream.builder();
        while (ngrams.next()) {
            hashes.add(ngrams.hash());
        }
        return hashes.build();
    }

    int ngramWords() {
        return ngramWords;
    }

    List<String> tasks() {
        return tasks;
    }

    /** Different n-grams in all tasks together. */
    int size() {
        return hashes.length;
    }

    /** Place among {@link #tasks} of the task that has an n-gram of this hash; -1 if none has. */
    int find(long hash) {
        long bit = hash >>> filterShift;
        if ((filter[(int) (bit >>> 6)] & 1L << bit) == 0) {
            return -1;
        }
        int place = Arrays.binarySearch(hashes, hash);
        return place < 0 ? -1 : taskOf[place];
    }

    /** Digest of all that {@link #find} knows. */
    String sha256() {
        MessageDigest digest = DigestUtils.getSha256Digest();
        tasks.forEach(task -> digest.update((task + "\n").getBytes(StandardCharsets.UTF_8)));
        ByteBuffer entry = ByteBuffer.allocate(Long.BYTES + Short.BYTES);
        for (int i = 0; i < hashes.length; i++) {
            digest.update(entry.clear().putLong(hashes[i]).putShort(taskOf[i]).array());
        }
        return Hex.encodeHexString(digest.digest());
    }
}

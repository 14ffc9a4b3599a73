package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.RequestCache;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.TextEncoder;
import org.hopespark.model.eval.TokenScores;
import org.hopespark.model.eval.Window;

/**
 * A small honest model: bytes with the frequencies (one added) that they have in the checkpoint's manifest. Each run
 * leaves a file in {@code calls}.
 */
record UnigramRunner(String calls) implements CellRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<TaskResult> run(Cell cell) throws IOException {
        Files.createTempFile(Path.of(calls), cell.task() + "-", ".call");
        Path manifest = Path.of(java.net.URI.create(cell.checkpoint())).resolve("manifest.json");
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (System.nanoTime() < deadline
                && Files.exists(manifest)
                && Files.readString(manifest).equals("vanishing")) {
            LockSupport.parkNanos(10_000_000);
        }
        byte[] text = Files.readAllBytes(manifest);
        if (text.length == 0) {
            throw new UserException("the checkpoint is empty; take another");
        }
        String says = new String(text, StandardCharsets.UTF_8);
        if (says.startsWith("removes ")) {
            Files.deleteIfExists(Path.of(says.substring("removes ".length())).resolve("manifest.json"));
        }
        if (says.contains("broken")) {
            throw new IllegalStateException("a bug in the network");
        }
        Unigram model = new Unigram(text);
        Evaluation evaluation = new Evaluation(model, model, cell.settings(), RequestCache.NONE);
        return cell.task().equals(HeldOut.TASK)
                ? evaluation.run(() -> new HeldOut.Sums(model.negativeLogLikelihood(text), text.length, text.length))
                : HopeCellRunner.logged(cell, evaluation, new TextFiles(new Configuration()));
    }

    private static final class Unigram implements TextEncoder, Scorer {
        private final double[] logs = new double[257];

        Unigram(byte[] text) {
            double[] counts = new double[257];
            for (byte b : text) {
                counts[b & 0xff]++;
            }
            for (int id = 0; id < logs.length; id++) {
                logs[id] = Math.log((counts[id] + 1) / (text.length + logs.length));
            }
        }

        double negativeLogLikelihood(byte[] text) {
            double sum = 0;
            for (byte b : text) {
                sum -= logs[b & 0xff];
            }
            return sum;
        }

        @Override
        public int[] encode(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int[] ids = new int[bytes.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = bytes[i] & 0xff;
            }
            return ids;
        }

        @Override
        public String decode(int[] ids) {
            throw new UnsupportedOperationException("a unigram model writes nothing");
        }

        @Override
        public int prefixToken() {
            return 256;
        }

        @Override
        public String name() {
            return "bytes";
        }

        @Override
        public String fingerprint() {
            return "bytes-1";
        }

        @Override
        public double[] carried(int[] ids) {
            throw new UnsupportedOperationException("a unigram model keeps no state");
        }

        @Override
        public int[] write(int[] prompt, int count) {
            throw new UnsupportedOperationException("a unigram model writes nothing");
        }

        @Override
        public int maxTokens() {
            return 64;
        }

        @Override
        public List<TokenScores> score(List<Window> windows) {
            return windows.stream()
                    .map(window -> new TokenScores(
                            Arrays.stream(window.continuation())
                                    .mapToDouble(id -> logs[id])
                                    .toArray(),
                            new boolean[window.targets()]))
                    .toList();
        }
    }
}

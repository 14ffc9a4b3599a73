package org.hopespark.jobs.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.corpus.TextHash;
import org.hopespark.data.source.InputFile;

/**
 * Whole files of a corpus, chosen by the hashes of their names.
 *
 * @param files of the sample
 * @param bytes of those
 * @param allFiles of the corpus
 * @param allBytes of those
 */
public record CorpusSample(List<InputFile> files, long bytes, int allFiles, long allBytes) {
    public CorpusSample {
        files = List.copyOf(files);
    }

    /** Files until they have so many bytes; at least one. */
    public static CorpusSample of(List<InputFile> all, double wantedBytes) {
        List<InputFile> shuffled = all.stream()
                .sorted(Comparator.comparing(file -> TextHash.of(file.name())))
                .toList();
        List<InputFile> some = new ArrayList<>();
        long bytes = 0;
        for (InputFile file : shuffled) {
            if (some.isEmpty() || bytes + file.bytes() <= wantedBytes) {
                some.add(file);
                bytes += file.bytes();
            }
        }
        return new CorpusSample(
                some,
                bytes,
                all.size(),
                all.stream().mapToLong(InputFile::bytes).sum());
    }

    /** The pipeline on these files alone, which keep their names. */
    public CorpusConfig config(CorpusConfig config, String output) {
        List<Input> inputs = files.stream()
                .map(file -> file.input().at(file.path(), file.name(), file.format()))
                .toList();
        return new CorpusConfig(inputs, config.earlier(), output, config.maxBad(), config.steps());
    }
}

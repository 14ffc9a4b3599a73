package org.hopespark.data.corpus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;

/**
 * What was read of the files of one format in one input, to recognise an input that gave nothing.
 *
 * @param input where the files were found
 * @param format of the files
 * @param files how many there are
 * @param bytes of them
 * @param read documents that were read, and those that were not
 */
public record InputCount(Input input, Format format, int files, long bytes, StageCount read) {

    private record Kind(Input input, Format format) {}

    /** Nothing read yet of these files, by input and format. */
    private static Map<Kind, InputCount> none(List<InputFile> files) {
        Map<Kind, InputCount> counts = new LinkedHashMap<>();
        for (InputFile file : files) {
            InputCount one = new InputCount(file.input(), file.format(), 1, file.bytes(), StageCount.none("read"));
            counts.merge(new Kind(file.input(), file.format()), one, InputCount::plus);
        }
        return counts;
    }

    private InputCount plus(InputCount other) {
        return new InputCount(input, format, files + other.files, bytes + other.bytes, read.plus(other.read));
    }

    private InputCount plus(StageCount more) {
        return new InputCount(input, format, files, bytes, read.plus(more));
    }

    /** What was read of some files, as the reports of their parts have it. */
    public static List<InputCount> of(List<InputFile> files, Collection<PartReport> reports) {
        Map<String, Kind> kinds = new TreeMap<>();
        files.forEach(file -> kinds.put(file.name(), new Kind(file.input(), file.format())));
        Map<Kind, InputCount> counts = none(files);
        for (PartReport report : reports) {
            counts.computeIfPresent(
                    kinds.get(report.source()),
                    (kind, count) -> count.plus(report.stages().get(0)));
        }
        return List.copyOf(counts.values());
    }

    /** What was read of some parts, each of files of one format in one input, as their entries have it. */
    public static List<InputCount> ofParts(List<List<InputPart>> parts, List<PartEntry> entries) {
        Map<Kind, InputCount> counts = none(parts.stream()
                .flatMap(List::stream)
                .map(InputPart::file)
                .distinct()
                .toList());
        for (int i = 0; i < parts.size(); i++) {
            InputFile file = parts.get(i).get(0).file();
            StageCount read = entries.get(i).counts().get(0);
            counts.computeIfPresent(new Kind(file.input(), file.format()), (kind, count) -> count.plus(read));
        }
        return List.copyOf(counts.values());
    }

    private boolean isSilent() {
        return read.documentsOut() == 0;
    }

    /** A line on each input of which no document was read, with the reason. */
    public static List<String> silentInputs(List<InputCount> counts) {
        List<String> lines = new ArrayList<>();
        byInput(counts).forEach((input, all) -> {
            if (all.stream().allMatch(InputCount::isSilent)) {
                lines.add("nothing of the input " + input.path() + " could be read ("
                        + String.join("; ", all.stream().map(InputCount::told).toList()) + ")");
            }
        });
        return lines;
    }

    /** A line on the files of each format of which no document was read, in inputs that have given others. */
    public static List<String> silentFormats(List<InputCount> counts) {
        List<String> lines = new ArrayList<>();
        byInput(counts).forEach((input, all) -> {
            if (!all.stream().allMatch(InputCount::isSilent)) {
                all.stream()
                        .filter(count -> count.isSilent() && count.bytes > 0)
                        .forEach(count -> lines.add("of the input " + input.path()
                                + " no file of this kind could be read: " + count.told()));
            }
        });
        return lines;
    }

    private static Map<Input, List<InputCount>> byInput(List<InputCount> counts) {
        Map<Input, List<InputCount>> byInput = new LinkedHashMap<>();
        counts.forEach(count ->
                byInput.computeIfAbsent(count.input, any -> new ArrayList<>()).add(count));
        return byInput;
    }

    private String told() {
        return String.format(
                Locale.ROOT,
                "%,d of %s with %,d bytes: %s",
                files,
                format.name().toLowerCase(Locale.ROOT),
                bytes,
                reason());
    }

    private String reason() {
        if (read.documentsIn() > 0) {
            return String.join(
                    ", ",
                    new TreeMap<>(read.removed())
                            .entrySet().stream()
                                    .map(removed ->
                                            String.format(Locale.ROOT, "%,d %s", removed.getValue(), removed.getKey()))
                                    .toList());
        } else if (bytes == 0) {
            return "empty";
        }
        return switch (format) {
            case ARCHIVE -> "no entry matches " + input.entries();
            case WARC -> "no response that is a page";
            default -> "no row";
        };
    }
}

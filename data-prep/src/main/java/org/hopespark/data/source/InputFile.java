package org.hopespark.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.security.AccessControlException;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;

/**
 * One file of the corpus.
 *
 * @param path where it is
 * @param name what its documents call it: the input's name, or the last part of its path, or of a pattern all parts
 *     from the first on that is not the same for all; and below a folder the way to the file
 * @param format how to read it, never {@code AUTO}
 * @param input where it was found, and how else to read it
 * @param bytes its length
 * @param modified when it was written, in milliseconds, as its file system says
 * @param problem why it cannot be read; empty if it can
 */
public record InputFile(String path, String name, Format format, Input input, long bytes, long modified, String problem)
        implements Serializable {

    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

    private static final Pattern HIDDEN = Pattern.compile("/[._]");

    private static final Map<String, Format> ENDINGS = Map.ofEntries(
            Map.entry(".jsonl", Format.JSONL),
            Map.entry(".ndjson", Format.JSONL),
            Map.entry(".json", Format.JSON),
            Map.entry(".csv", Format.CSV),
            Map.entry(".tsv", Format.TSV),
            Map.entry(".parquet", Format.PARQUET),
            Map.entry(".arrow", Format.ARROW),
            Map.entry(".zip", Format.ARCHIVE),
            Map.entry(".jar", Format.ARCHIVE),
            Map.entry(".warc", Format.WARC),
            Map.entry(".wet", Format.WARC),
            Map.entry(".arc", Format.WARC),
            Map.entry(".html", Format.HTML),
            Map.entry(".htm", Format.HTML),
            Map.entry(".txt", Format.TEXT),
            Map.entry(".md", Format.TEXT));

    /** Formats whose documents are rows. */
    private static final Set<Format> ROWS =
            EnumSet.of(Format.JSONL, Format.JSON, Format.CSV, Format.TSV, Format.PARQUET, Format.ARROW);

    /** What lies beside the files of a data set and is none of them, as on Hugging Face's hub. */
    private static final Pattern BESIDE = Pattern.compile("(licen[cs]e|notice)(\\.(txt|md))?"
            + "|dataset_infos?\\.json|dataset_dict\\.json|state\\.json|_?success|.*\\.(lock|metadata)");

    /** The card of a data set. */
    private static final Pattern CARD = Pattern.compile("readme\\.md");

    /** Bytes of an archive that are worth a task of their own. */
    private static final long BYTES_PER_PART = 1L << 20;

    /** All files of the inputs, by name. */
    public static List<InputFile> list(List<Input> inputs, Storage storage) {
        return list(inputs, storage, line -> {});
    }

    /**
     * The same.
     *
     * @param told what is said of files that are passed over
     */
    public static List<InputFile> list(List<Input> inputs, Storage storage, Consumer<String> told) {
        List<InputFile> files = new ArrayList<>();
        try {
            for (Input input : inputs) {
                List<Root> roots = roots(input, storage);
                if (roots.isEmpty()) {
                    throw new UserException("no such input: " + input.path() + " (neither a file, nor a folder, nor a"
                            + " pattern that matches any)");
                }
                for (Root root : roots) {
                    int before = files.size();
                    addAll(files, input, root, storage, told);
                    if (files.size() == before) {
                        throw new UserException("the input folder " + input.path() + " holds no files");
                    }
                }
                requireText(input, files);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return byName(files);
    }

    /** Where nothing can be cut, whoever wants that means another input, or another format. */
    private static void requireText(Input input, List<InputFile> files) {
        if (!input.split().isEmpty()
                && files.stream().noneMatch(file -> file.input.equals(input) && file.format == Format.TEXT)) {
            throw new UserException("--split, or split of an input, cuts texts, and none of the files of "
                    + input.path() + " is one; leave it out, or give --format text");
        }
    }

    private static List<InputFile> byName(List<InputFile> files) {
        Map<String, InputFile> byName = new HashMap<>();
        for (InputFile file : files) {
            InputFile other = byName.put(file.name, file);
            if (other != null) {
                throw new UserException("two input files are called '" + file.name + "': " + other.path + " and "
                        + file.path + "; give one of the inputs a name of its own (inputs: [{path: ..., name: ...}])");
            }
        }
        return files.stream().sorted(Comparator.comparing(InputFile::name)).toList();
    }

    /** What the inputs match by now, which may be nothing. */
    public static List<InputFile> listIfThere(List<Input> inputs, Storage storage) {
        List<InputFile> files = new ArrayList<>();
        try {
            for (Input input : inputs) {
                for (Root root : roots(input, storage)) {
                    addAll(files, input, root, storage, line -> {});
                }
            }
            return byName(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Root(FileStatus status, String name) {}

    private static List<Root> roots(Input input, Storage storage) throws IOException {
        Path path = new Path(input.path());
        FileSystem files = storage.fileSystem(path);
        if (files.exists(path)) {
            return List.of(new Root(files.getFileStatus(path), input.name().isEmpty() ? path.getName() : input.name()));
        }
        FileStatus[] matches = files.globStatus(path);
        if (matches == null) {
            return List.of();
        }
        if (matches.length > 1 && !input.name().isEmpty()) {
            throw new UserException("the input " + input.path() + " is " + matches.length
                    + " files or folders, so they cannot all be called '" + input.name() + "'; leave out its name");
        }
        Path pattern = files.makeQualified(path);
        return Arrays.stream(matches)
                .map(match -> new Root(match, input.name().isEmpty() ? nameOf(match.getPath(), pattern) : input.name()))
                .toList();
    }

    /** Matches of one pattern may end in the same names, and must be called the same when there are more of them. */
    private static String nameOf(Path match, Path pattern) {
        List<String> wanted = List.of(pattern.toUri().getPath().split("/"));
        List<String> found = List.of(match.toUri().getPath().split("/"));
        int fixed = 0;
        while (fixed < Math.min(wanted.size(), found.size()) - 1
                && !WILDCARD.matcher(wanted.get(fixed)).find()) {
            fixed++;
        }
        return String.join("/", found.subList(fixed, found.size()));
    }

    private static void addAll(List<InputFile> files, Input input, Root place, Storage storage, Consumer<String> told)
            throws IOException {
        FileStatus root = place.status;
        String name = place.name;
        if (root.isFile()) {
            files.add(of(input, new Found(root.getPath(), root.getLen(), root.getModificationTime(), ""), name));
            return;
        }
        String prefix = root.getPath().toUri().getPath() + "/";
        boolean local = "file".equals(root.getPath().toUri().getScheme());
        List<Found> found = local ? LocalFolder.files(root.getPath()) : below(root, storage);
        List<Found> all = found.stream()
                .filter(file -> !HIDDEN.matcher("/" + file.way(prefix)).find())
                .toList();
        List<Found> wanted = input.format() == Format.AUTO ? ofDataSet(all, prefix, told) : all;
        wanted.forEach(file -> files.add(of(input, file, name + "/" + file.way(prefix))));
    }

    /** Leaves out what only describes a folder: licences, and beside rows the card of a data set. */
    private static List<Found> ofDataSet(List<Found> all, String folder, Consumer<String> told) {
        boolean rows = all.stream()
                .anyMatch(file ->
                        formatOf(file.path().getName()).filter(ROWS::contains).isPresent()
                                && !BESIDE.matcher(file.lowerName()).matches());
        List<Found> files = new ArrayList<>();
        List<String> beside = new ArrayList<>();
        for (Found file : all) {
            String way = file.way(folder);
            boolean card = rows
                    && way.equals(file.path().getName())
                    && CARD.matcher(file.lowerName()).matches();
            if (card || BESIDE.matcher(file.lowerName()).matches()) {
                beside.add(way);
            } else {
                files.add(file);
            }
        }
        Collections.sort(beside);
        if (!beside.isEmpty()) {
            told.accept("passed over in " + folder + " (describes the data set; an input of its own reads it): "
                    + String.join(", ", beside.subList(0, Math.min(10, beside.size())))
                    + (beside.size() > 10 ? " and " + (beside.size() - 10) + " more" : ""));
        }
        return files;
    }

    /** A file of a folder; a problem says why it cannot be read. */
    record Found(Path path, long bytes, long modified, String problem) {
        private String way(String prefix) {
            return path.toUri().getPath().substring(prefix.length());
        }

        private String lowerName() {
            return path.getName().toLowerCase(Locale.ROOT);
        }
    }

    private static List<Found> below(FileStatus folder, Storage storage) throws IOException {
        List<Found> found = new ArrayList<>();
        RemoteIterator<LocatedFileStatus> files =
                storage.fileSystem(folder.getPath()).listFiles(folder.getPath(), true);
        while (files.hasNext()) {
            FileStatus file = files.next();
            found.add(new Found(file.getPath(), file.getLen(), file.getModificationTime(), ""));
        }
        return found;
    }

    private static InputFile of(Input input, Found file, String name) {
        return new InputFile(
                file.path().toString(),
                name,
                input.format() == Format.AUTO ? formatOf(input, file.path()) : input.format(),
                input,
                file.bytes(),
                file.modified(),
                file.problem());
    }

    private static Format formatOf(Input input, Path path) {
        return formatOf(path.getName())
                // what is to be cut is a text, whatever it is called
                .or(() -> input.split().isEmpty() ? Optional.empty() : Optional.of(Format.TEXT))
                .orElseThrow(() -> new UserException("cannot tell from its name how to read " + path
                        + "; give the input a format (--format; "
                        + Arrays.stream(Format.values())
                                .map(format -> format.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))
                        + ") or a pattern that leaves the file out"));
    }

    /** What a name says of its file; empty if nothing. */
    private static Optional<Format> formatOf(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT).replaceAll("\\.(gz|zst|bz2|xz)$", "");
        return ENDINGS.entrySet().stream()
                .filter(ending -> name.endsWith(ending.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The file in pieces that can be read side by side; only archives have more than one. */
    public List<InputPart> parts(int most) {
        int parts = format == Format.ARCHIVE ? (int) Math.min(most, (bytes + BYTES_PER_PART - 1) / BYTES_PER_PART) : 1;
        return IntStream.range(0, Math.max(1, parts))
                .mapToObj(index -> new InputPart(this, index, Math.max(1, parts)))
                .toList();
    }

    /** Reads the whole file and records its identity; without a SHA-256 if it cannot be opened. */
    public SourceFile source(Storage storage) {
        return source(sha256(storage));
    }

    private String sha256(Storage storage) {
        try {
            return problem.isEmpty() ? storage.sha256(new Path(path)) : "";
        } catch (FileNotFoundException | AccessControlException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SourceFile source(String sha256) {
        return SourceFile.of(this, sha256);
    }

    /**
     * The files as they were found when their identities were recorded.
     *
     * @param sources of the files, in their order
     */
    public static List<InputFile> seen(List<InputFile> files, List<SourceFile> sources) {
        return IntStream.range(0, files.size())
                .mapToObj(i -> sources.get(i).sha256().isEmpty() ? files.get(i).unreadable() : files.get(i))
                .toList();
    }

    private InputFile unreadable() {
        String told = problem.isEmpty() ? "gone, or not readable by this user, when the job began" : problem;
        return new InputFile(path, name, format, input, bytes, modified, told);
    }
}

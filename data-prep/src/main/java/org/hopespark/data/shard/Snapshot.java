package org.hopespark.data.shard;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Json;
import org.hopespark.data.source.SourceFile;

/**
 * A state of a data set that grows ({@code docs/reference/formats.md}).
 *
 * @param format always {@link #FORMAT}
 * @param formatVersion always {@link #VERSION}
 * @param number from 1
 * @param parent identity of the state before, empty for the first
 * @param segments what it consists of, oldest first
 * @param added names of the input files that were new
 * @param replaced names of the input files whose content, or way of being read, had changed
 * @param manifest of all segments together, with paths from the data set's folder on
 */
public record Snapshot(
        String format,
        int formatVersion,
        int number,
        String parent,
        List<Segment> segments,
        List<String> added,
        List<String> replaced,
        Manifest manifest) {
    static final String FORMAT = "hope-snapshot";
    static final int VERSION = 1;

    private static final Pattern FOLDER = Pattern.compile("segments/[0-9]{5,}");

    /**
     * Lanes that were made together, a data set in a folder of its own.
     *
     * @param folder from the data set's folder on, empty for that folder itself
     * @param identity SHA-256 of its manifest
     */
    public record Segment(String folder, String identity) {
        public Segment {
            if (!folder.isEmpty() && !FOLDER.matcher(folder).matches()) {
                throw new UserException(
                        "the folder of a segment must be empty or like segments/00002, got '" + folder + "'");
            }
        }
    }

    public Snapshot {
        segments = List.copyOf(segments);
        added = List.copyOf(added);
        replaced = List.copyOf(replaced);
    }

    /** A data set that has not grown yet. */
    public static Snapshot first(Manifest manifest) {
        List<String> sources =
                manifest.recipe().sources().stream().map(SourceFile::name).toList();
        return new Snapshot(
                FORMAT, VERSION, 1, "", List.of(new Segment("", manifest.sha256())), sources, List.of(), manifest);
    }

    /** Whose data set it is, for a run: the same lanes have the same identity, however they came together. */
    public String identity() {
        return segments.size() == 1 ? segments.get(0).identity() : DigestUtils.sha256Hex(Json.write(this));
    }

    Snapshot with(Manifest together) {
        return new Snapshot(format, formatVersion, number, parent, segments, added, replaced, together);
    }

    static Snapshot fromJson(byte[] json) throws IOException {
        String format = Json.readTree(json).path("format").asText();
        int version = Json.readTree(json).path("format-version").asInt();
        if (!format.equals(FORMAT) || version != VERSION) {
            throw new UserException("the format is '" + format + "', version " + version + "; this program reads "
                    + FORMAT + ", version " + VERSION);
        }
        return Json.read(json, Snapshot.class);
    }
}

package org.hopespark.cluster;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The manifest file of a checkpoint; up to version 2 it has no attempt and no attachments. */
record CheckpointManifest(
        String format,
        int version,
        long step,
        @JsonSetter(nulls = Nulls.AS_EMPTY) String attempt,
        List<Checkpoint.Part> parts,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<Checkpoint.Attachment> attachments,
        Map<String, String> about) {
    /** Name of the file. */
    static final String FILE = "manifest.json";

    private static final String FORMAT = "hope-checkpoint";
    private static final int VERSION = 3;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    /** The file's content. */
    static byte[] json(Checkpoint checkpoint) {
        try {
            return JSON.writeValueAsBytes(new CheckpointManifest(
                    FORMAT,
                    VERSION,
                    checkpoint.step(),
                    checkpoint.attempt(),
                    checkpoint.parts(),
                    checkpoint.attachments(),
                    new TreeMap<>(checkpoint.about())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads the file in the folder of a checkpoint. */
    static Checkpoint read(FileSystem files, Path folder) throws IOException {
        try (InputStream in = files.open(new Path(folder, FILE))) {
            CheckpointManifest manifest = JSON.readValue(in.readAllBytes(), CheckpointManifest.class);
            if (!FORMAT.equals(manifest.format) || manifest.version < 1 || manifest.version > VERSION) {
                throw new IOException("it has format " + manifest.format + " version " + manifest.version
                        + ", this program reads " + FORMAT + " up to version " + VERSION);
            }
            return new Checkpoint(
                    folder.toString(),
                    manifest.attempt,
                    manifest.step,
                    manifest.parts,
                    manifest.attachments,
                    manifest.about);
        }
    }
}

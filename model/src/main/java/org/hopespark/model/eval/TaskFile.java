package org.hopespark.model.eval;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import org.hopespark.conf.UserException;

/**
 * A task's file: JSON lines or plain text, gzipped if the name ends in {@code .gz}.
 *
 * @param path where it lies
 */
public record TaskFile(Path path) {
    private static final String REMEDY = "; get the file again, whole";

    /**
     * Reads the first {@code limit} JSON lines; 0 means all. A problem that {@code read} finds gets its line's name.
     */
    public <T> List<T> jsonLines(int limit, BiFunction<JsonNode, String, T> read) {
        ObjectMapper json = new ObjectMapper();
        List<T> result = new ArrayList<>();
        try (BufferedReader lines = open()) {
            long number = 1;
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
                    String place = path + " line " + number;
                    if (!line.isBlank()) {
                        result.add(read.apply(parse(json, line, place), place));
                    }
                    if (result.size() == limit) {
                        break;
                    }
                }
            } catch (IOException e) {
                throw damaged(number, e);
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (result.isEmpty()) {
            throw new UserException(path + " is empty" + REMEDY);
        }
        return result;
    }

    /** The whole text. */
    public String text() {
        StringBuilder result = new StringBuilder();
        try (BufferedReader reader = open()) {
            long line = 1;
            try {
                for (int c = reader.read(); c >= 0; c = reader.read()) {
                    result.append((char) c);
                    line += c == '\n' ? 1 : 0;
                }
            } catch (IOException e) {
                throw damaged(line, e);
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        return result.toString();
    }

    /** The file as one JSON value. */
    public JsonNode json() {
        try (BufferedReader reader = open()) {
            return new ObjectMapper().readTree(reader);
        } catch (JacksonException e) {
            throw new UserException(
                    path + " is not valid JSON at line " + e.getLocation().getLineNr() + " ("
                            + e.getOriginalMessage().lines().findFirst().orElse("") + ")" + REMEDY,
                    e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** SHA-256 of the file as it lies there, hexadecimal. */
    public String sha256() {
        try {
            return new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(path);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private BufferedReader open() throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(path));
        try {
            InputStream in = path.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        } catch (ZipException | EOFException e) {
            raw.close();
            throw new UserException(path + " is not a gzip file (" + e.getMessage() + ")" + REMEDY, e);
        }
    }

    private static JsonNode parse(ObjectMapper json, String line, String place) {
        JsonNode node;
        try {
            node = json.readTree(line);
        } catch (JacksonException e) {
            throw new UserException(
                    place + " is not valid JSON ("
                            + e.getOriginalMessage().lines().findFirst().orElse("") + "): \"" + PythonText.shorten(line)
                            + "\"" + REMEDY,
                    e);
        }
        if (!node.isObject()) {
            throw new UserException(place + " is not a JSON object: \"" + PythonText.shorten(line) + "\"" + REMEDY);
        }
        return node;
    }

    private UserException damaged(long line, IOException e) {
        String what = e instanceof CharacterCodingException
                ? " is not UTF-8"
                : e instanceof EOFException ? " ends in the middle" : " cannot be read on (" + e.getMessage() + ")";
        return new UserException(path + what + " at or after line " + line + REMEDY, e);
    }

    private UserException unreadable(IOException e) {
        return new UserException("cannot read " + path + ": " + e, e);
    }
}

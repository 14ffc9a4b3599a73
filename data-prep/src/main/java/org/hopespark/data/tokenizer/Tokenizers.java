package org.hopespark.data.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;

/** Tokenizers by name. */
public final class Tokenizers {
    private static final String HUGGING_FACE = "huggingface:";
    private static final String SENTENCE_PIECE = "sentencepiece:";
    private static final List<String> KNOWN =
            List.of("bytes", "gpt2", "cl100k", "huggingface:PATH/tokenizer.json", "sentencepiece:PATH/tokenizer.model");

    private Tokenizers() {}

    /**
     * {@code bytes}, {@code gpt2}, {@code cl100k}, or {@code huggingface:PATH} with an optional {@code #TOKEN}, a
     * special token that marks documents.
     */
    public static Tokenizer of(String name, Storage storage) {
        if (name.equals("bytes")) {
            return new ByteTokenizer();
        } else if (name.equals("gpt2")) {
            return RankTokenizer.gpt2();
        } else if (name.equals("cl100k")) {
            return RankTokenizer.cl100k();
        } else if (name.startsWith(HUGGING_FACE)) {
            String place = name.substring(HUGGING_FACE.length());
            int hash = place.indexOf('#');
            return hash < 0
                    ? HuggingFaceTokenizer.fastest(place, "", storage)
                    : HuggingFaceTokenizer.fastest(place.substring(0, hash), place.substring(hash + 1), storage);
        }
        if (name.startsWith(SENTENCE_PIECE)) {
            return SentencePieceTokenizer.read(name.substring(SENTENCE_PIECE.length()), storage);
        }
        throw new UserException("unknown tokenizer '" + name + "'; known: " + String.join(", ", KNOWN));
    }

    /**
     * The tokenizer that made some ids, from the folder that its file was copied to.
     *
     * @throws UserException if the file is missing, or is that of other ids
     */
    public static Tokenizer open(TokenizerInfo info, String folder, Storage storage) {
        Optional<Path> file = file(info.name()).map(name -> new Path(folder, name));
        if (file.isPresent() && !storage.exists(file.get())) {
            throw new UserException(folder + " does not hold its tokenizer "
                    + file.get().getName() + "; copy the file with which the ids were made there");
        }
        Tokenizer tokenizer =
                of(file.map(path -> with(path.toString(), info.name())).orElse(info.name()), storage);
        if (!tokenizer.fingerprint().equals(info.sha256())) {
            tokenizer.close();
            throw new UserException(file.map(Path::toString).orElse(info.name())
                    + " is another tokenizer than that of the ids; copy the file with which they were made there");
        }
        return RemarkedTokenizer.of(tokenizer, info);
    }

    /**
     * The content of the file that a tokenizer was copied to {@code folder} with, by its name; empty if it is in the
     * jar.
     */
    public static Map<String, byte[]> content(TokenizerInfo info, String folder, Storage storage) {
        Optional<String> file = file(info.name());
        try {
            return file.isEmpty() ? Map.of() : Map.of(file.get(), storage.read(new Path(folder, file.get())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isSentencePiece(String name) {
        return name.startsWith(SENTENCE_PIECE);
    }

    /** The place of the file that a tokenizer of this name is read from; empty if it is in the jar. */
    public static Optional<String> file(String name) {
        for (String kind : List.of(HUGGING_FACE, SENTENCE_PIECE)) {
            if (name.startsWith(kind)) {
                String place = name.substring(kind.length());
                int hash = kind.equals(HUGGING_FACE) ? place.indexOf('#') : -1;
                return Optional.of(hash < 0 ? place : place.substring(0, hash));
            }
        }
        return Optional.empty();
    }

    /** The name of the same tokenizer whose file has another place. */
    static String with(String place, String name) {
        return file(name).map(known -> name.replace(known, place)).orElse(name);
    }

    /** The same tokenizer by a name that every process understands, whatever its working folder. */
    public static String qualified(String name, Storage storage) {
        for (String kind : List.of(HUGGING_FACE, SENTENCE_PIECE)) {
            if (name.startsWith(kind)) {
                return kind + storage.qualified(name.substring(kind.length()));
            }
        }
        return name;
    }
}

package org.hopespark.data.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.sentencepiece.SpTokenizer;
import java.io.IOException;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;

/** A model of SentencePiece (Kudo and Richardson, 2018); its marks of the beginning and the end mark documents. */
final class SentencePieceTokenizer implements Tokenizer {
    private final String name;
    private final SentencePieceModel model;
    private final String fingerprint;
    private final SpTokenizer tokenizer;

    private SentencePieceTokenizer(String name, SentencePieceModel model, String fingerprint, SpTokenizer tokenizer) {
        this.name = name;
        this.model = model;
        this.fingerprint = fingerprint;
        this.tokenizer = tokenizer;
    }

    static SentencePieceTokenizer read(String place, Storage storage) {
        Path path = new Path(place);
        try {
            byte[] file = storage.read(path);
            SentencePieceModel model = SentencePieceModel.of(place, file);
            if (model.end() < 0) {
                throw new UserException(place + " has no id for the end of a text, which must end documents");
            }
            return new SentencePieceTokenizer(
                    "sentencepiece:" + path.getName(), model, DigestUtils.sha256Hex(file), load(place, file));
        } catch (IOException e) {
            throw new UserException("cannot read the tokenizer " + place + ": " + e.getMessage(), e);
        }
    }

    private static SpTokenizer load(String place, byte[] file) {
        try {
            return new SpTokenizer(file);
        } catch (EngineException e) {
            throw new UserException(place + " is no SentencePiece model: the library says: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int vocabularySize() {
        return model.pieces();
    }

    @Override
    public int documentStart() {
        return model.begin() < 0 ? model.end() : model.begin();
    }

    @Override
    public int documentEnd() {
        return model.end();
    }

    @Override
    public int[] encode(String text) {
        int[] ids;
        try {
            ids = tokenizer.getProcessor().encode(text);
        } catch (EngineException e) {
            throw CorruptInputException.row(name, "SentencePiece cannot encode it (" + e.getMessage() + ")");
        }
        for (int id : ids) {
            if (id < 0 || id >= model.pieces() || model.isControl(id)) {
                throw CorruptInputException.row(name, "it gets the id " + id + ", which is none of a piece of text");
            }
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        return model.decode(ids);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}

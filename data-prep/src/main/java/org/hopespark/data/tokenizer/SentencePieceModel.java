package org.hopespark.data.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.hopespark.conf.UserException;

/** What a SentencePiece model says about itself (a protocol buffer, {@code sentencepiece_model.proto}). */
final class SentencePieceModel {
    private static final int BYTES = 2;

    private static final int PIECES = 1 << 3 | BYTES;
    private static final int TRAINER_SPEC = 2 << 3 | BYTES;
    private static final int NORMALIZER_SPEC = 3 << 3 | BYTES;

    private static final int PIECE_TEXT = 1 << 3 | BYTES;
    private static final int PIECE_TYPE = 3 << 3;
    private static final int BOS_ID = 41 << 3;
    private static final int EOS_ID = 42 << 3;
    private static final int CHARACTER_MAP = 2 << 3 | BYTES;
    private static final int ADD_DUMMY_PREFIX = 3 << 3;

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    /** The native library recurses a piece byte by byte (CVE-2026-1260); trainers make pieces of 16 characters. */
    private static final int LONGEST_PIECE_BYTES = 1024;

    private final List<byte[]> pieces = new ArrayList<>();
    private final BitSet controls = new BitSet();
    private int begin = 1;
    private int end = 2;
    private boolean spaceInFront = true;

    private SentencePieceModel() {}

    static SentencePieceModel of(String place, byte[] file) {
        SentencePieceModel model = new SentencePieceModel();
        try {
            model.read(ByteBuffer.wrap(file));
        } catch (BufferUnderflowException e) {
            throw new UserException(place + " is no SentencePiece model: it ends in the middle of a field", e);
        } catch (IllegalArgumentException e) {
            throw new UserException(place + " is no SentencePiece model: " + e.getMessage(), e);
        }
        int pieces = model.pieces.size();
        if (model.begin >= pieces || model.end >= pieces) {
            throw new UserException(place + " is no SentencePiece model: it has " + pieces
                    + " pieces, and marks documents with " + model.begin + " and " + model.end);
        }
        for (int mark : new int[] {model.begin, model.end}) {
            if (mark >= 0 && !model.controls.get(mark)) {
                throw new UserException(place + " marks documents with piece " + mark
                        + ", which is no control piece: any text may hold it");
            }
        }
        return model;
    }

    /** Whether an id is one that no text has. */
    boolean isControl(int id) {
        return controls.get(id);
    }

    /** How many ids there are. */
    int pieces() {
        return pieces.size();
    }

    /** The id of the beginning of a text, negative if there is none. */
    int begin() {
        return begin;
    }

    /** The id of the end of a text, negative if there is none. */
    int end() {
        return end;
    }

    /** The text of ids: the native library's own decoder cannot return characters beyond U+FFFF to Java. */
    String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(pieces.get(id));
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        return spaceInFront && text.startsWith(" ") ? text.substring(1) : text;
    }

    private void read(ByteBuffer in) {
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case PIECES -> readPiece(bytes(in));
                case TRAINER_SPEC -> readTrainerSpec(bytes(in));
                case NORMALIZER_SPEC -> readNormalizerSpec(bytes(in));
                default -> skip(in, tag);
            }
        }
    }

    private void readPiece(ByteBuffer in) {
        String text = "";
        int type = 1;
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case PIECE_TEXT ->
                    text = StandardCharsets.UTF_8.decode(piece(bytes(in))).toString();
                case PIECE_TYPE -> type = (int) varint(in);
                default -> skip(in, tag);
            }
        }
        controls.set(pieces.size(), type == CONTROL);
        pieces.add(
                switch (type) {
                    case BYTE -> new byte[] {byteOf(text)};
                    case CONTROL -> new byte[0];
                    case UNKNOWN -> " \u2047 ".getBytes(StandardCharsets.UTF_8);
                    default -> text.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
                });
    }

    private ByteBuffer piece(ByteBuffer text) {
        check(
                text.remaining() <= LONGEST_PIECE_BYTES,
                "piece " + pieces.size() + " has " + text.remaining() + " bytes, " + LONGEST_PIECE_BYTES
                        + " are allowed");
        return text;
    }

    /** Of a piece such as {@code <0x0A>}. */
    private byte byteOf(String text) {
        check(text.matches("<0x[0-9A-F]{2}>"), "piece " + pieces.size() + " is no byte: '" + text + "'");
        return (byte) Integer.parseInt(text, 3, 5, 16);
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private void readTrainerSpec(ByteBuffer in) {
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case BOS_ID -> begin = (int) varint(in);
                case EOS_ID -> end = (int) varint(in);
                default -> skip(in, tag);
            }
        }
    }

    private void readNormalizerSpec(ByteBuffer in) {
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case ADD_DUMMY_PREFIX -> spaceInFront = varint(in) != 0;
                case CHARACTER_MAP -> checkMap(bytes(in));
                default -> skip(in, tag);
            }
        }
    }

    private static void checkMap(ByteBuffer map) {
        byte[] bytes = new byte[map.remaining()];
        map.get(bytes);
        check(CharacterMap.isSound(bytes), "its map of characters is damaged");
    }

    private static void skip(ByteBuffer in, int tag) {
        switch (tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case BYTES -> bytes(in);
            case 5 -> in.getInt();
            default -> throw new IllegalArgumentException("wire type " + (tag & 7));
        }
    }

    private static ByteBuffer bytes(ByteBuffer in) {
        long length = varint(in);
        check(
                length >= 0 && length <= in.remaining(),
                "a field of " + length + " bytes, where " + in.remaining() + " are left");
        ByteBuffer bytes = in.slice().limit((int) length);
        in.position(in.position() + (int) length);
        return bytes;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }
}

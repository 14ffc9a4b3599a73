package org.hopespark.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Writes the TorchScript of this package as an archive that {@code torch.jit.load} reads: a zip of source text and an
 * empty module.
 */
final class TorchScriptArchive {
    private static final List<String> FILES =
            List.of("memory", "titans", "attention", "continuum", "head", "optimizer", "network");
    private static final String MODULE = "Hope";
    /**
     * Rows of logits at once: tensors below 32 MB are recycled by the allocator, larger ones go back to the kernel each
     * time.
     */
    private static final long HEAD_BYTES = 16L << 20;

    private TorchScriptArchive() {}

    /** The archive of the functions, with the constants of {@code config} compiled in. */
    static byte[] write(ModelConfig config, ElementType type) {
        StringBuilder source = new StringBuilder(constants(config, type));
        for (String file : FILES) {
            source.append(resource(file)).append('\n');
        }
        return zip(source.toString());
    }

    private static String constants(ModelConfig config, ElementType type) {
        long rows = Math.max(1, HEAD_BYTES / ((long) config.vocabularySize() * type.bytes()));
        MemoryConfig memory = config.memory();
        return constant("chunk_tokens", config.chunkTokens())
                + constant("main_chunk_tokens", config.mainChunkTokens())
                + constant("memories", memory.count())
                + constant("key_readers", memory.keyReaders())
                + constant("memory_depth", memory.depth())
                + constant("mixer_parameters", Architecture.mixerParameters(config))
                + constant("heads", config.heads())
                + constant("head_rows", rows)
                + constant("eta_max", memory.etaMax())
                + constant("inner_momentum", memory.innerMomentum())
                + constant("rope_base", config.ropeBase())
                + constant("delta_rule", memory.innerRule() == MemoryConfig.InnerRule.DGD)
                + constant("retention", memory.retention())
                + constant("adaptive_key", memory.adaptiveKey())
                + constant("adaptive_value", memory.adaptiveValue())
                + constant("adaptive_query", memory.adaptiveQuery())
                + constant("read_after_write", memory.read() == MemoryConfig.Read.AFTER_WRITE)
                + constant("read_chunk_start", memory.read() == MemoryConfig.Read.CHUNK_START)
                + constant("attends", config.mixer() == ModelConfig.Mixer.ATTENTION)
                + constant("gated", config.activation() == ModelConfig.Activation.SILU_GATED)
                + constant("side_by_side", config.continuum() == ModelConfig.Continuum.INDEPENDENT)
                + constant("bfloat16", config.precision() == ModelConfig.Precision.BFLOAT16);
    }

    private static String constant(String name, long value) {
        return constant(name, "int", Long.toString(value));
    }

    private static String constant(String name, double value) {
        return constant(name, "float", Double.toString(value));
    }

    private static String constant(String name, boolean value) {
        return constant(name, "bool", value ? "True" : "False");
    }

    private static String constant(String name, String type, String value) {
        return "def " + name + "() -> " + type + ":\n  return " + value + "\n\n";
    }

    private static String resource(String name) {
        try (@Nullable InputStream in = TorchScriptArchive.class.getResourceAsStream(name + ".torchscript")) {
            if (in == null) {
                throw new IllegalStateException(name + ".torchscript is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] zip(String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "hope/data.pkl", emptyModule());
            put(zip, "hope/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "hope/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            put(zip, "hope/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Pickle, protocol 2: GLOBAL, empty tuple, NEWOBJ, {'training': True}, BUILD, STOP. */
    private static byte[] emptyModule() throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2});
        pickle.write(("c__torch__\n" + MODULE + "\n").getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        pickle.write("training".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        CRC32 crc = new CRC32();
        crc.update(data);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }
}

package org.hopespark.jobs.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.output.CountingOutputStream;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.Safetensors;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.tokenizer.TokenizerExport;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.jobs.evaluate.Checkpoints;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.export.NewFolder.Content;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.model.Network;
import org.hopespark.model.TorchScriptArchive;

/**
 * A trained network as a folder of files that need nothing of this program: {@code model.safetensors} and
 * {@code config.json}, and {@code model.pt} for {@code torch.jit.load}. A {@code manifest.json} makes it a checkpoint
 * to this program, too.
 *
 * @param network whose parameters are written
 * @param config of its run
 * @param tokenizer what its ids stand for
 * @param tokenizerFiles the same as files for others, by name
 * @param checkpoint that it was loaded from
 */
public record ModelExport(
        Network network,
        RunConfig config,
        TokenizerInfo tokenizer,
        Map<String, byte[]> tokenizerFiles,
        Checkpoint checkpoint) {
    static final String TENSORS = "model.safetensors";
    static final String ARCHIVE = "model.pt";
    static final String LOGITS = "logits.json";
    /** Of a file of tensors: what it was written with. */
    static final Map<String, String> FORMAT = Map.of("format", "pt");

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Writes the folder.
     *
     * @param checkIds ids whose logits go to {@code logits.json}, for others to compare with; none for no such file
     */
    public void write(NewFolder folder, int... checkIds) throws IOException {
        requireNothingInContext();
        requireInVocabulary(checkIds);
        Map<String, Content> files = new LinkedHashMap<>();
        List<Checkpoint.Part> parts = new ArrayList<>();
        files.put(TENSORS, out -> parts.add(tensors(out)));
        files.put(
                ARCHIVE,
                out -> TorchScriptArchive.export(
                        network.architecture(), network.levels().parameters(), out));
        if (checkIds.length > 0) {
            files.put(LOGITS, out -> out.write(JSON.writeValueAsBytes(logits(checkIds))));
        }
        tokenizerFiles.forEach((name, content) -> files.put(name, out -> out.write(content)));
        files.put(
                ExportedConfig.GENERATION_FILE,
                out -> out.write(
                        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(ExportedConfig.generation(tokenizer))));
        files.put(Checkpoints.MANIFEST, out -> out.write(CheckpointStore.manifest(asCheckpoint(folder, parts))));
        files.put(
                ExportedConfig.FILE,
                out -> out.write(JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsBytes(ExportedConfig.of(config, tokenizer, checkpoint))));
        folder.write(files);
    }

    /** The archive computes with the parameters as trained. */
    private void requireNothingInContext() {
        if (config.model().inContext().blocks() > 0) {
            String off = IntStream.range(0, config.levels().size())
                    .filter(i -> config.levels().get(i).inContextTokens() > 0)
                    .mapToObj(i -> " --set levels." + i + ".in-context-tokens=0")
                    .collect(Collectors.joining());
            throw new UserException("the last " + config.model().inContext().blocks()
                    + " blocks learn in context (model.in-context.blocks), which " + ARCHIVE
                    + " cannot do: to export a network that does not, give --set model.in-context.blocks=0" + off);
        }
    }

    private void requireInVocabulary(int... ids) {
        int vocabulary = config.model().vocabularySize();
        int[] outside =
                Arrays.stream(ids).filter(id -> id < 0 || id >= vocabulary).toArray();
        if (outside.length > 0) {
            throw new UserException(
                    "--check-ids must lie in 0.." + (vocabulary - 1) + ", got " + Arrays.toString(outside));
        }
    }

    private Checkpoint.Part tensors(OutputStream out) throws IOException {
        // others refuse a file that does not say so
        return whole(out, counted -> Safetensors.write(TrainedModel.whole(network), FORMAT, counted));
    }

    /** Writes the file of all parameters; what a manifest says of it. */
    static Checkpoint.Part whole(OutputStream out, Content content) throws IOException {
        MessageDigest sha256 = DigestUtils.getSha256Digest();
        CountingOutputStream counted = new CountingOutputStream(new DigestOutputStream(out, sha256));
        content.writeTo(counted);
        counted.flush();
        return new Checkpoint.Part(
                TrainedModel.WHOLE, 0, 1, counted.getByteCount(), Hex.encodeHexString(sha256.digest()));
    }

    /** What makes the folder a checkpoint to this program: one without optimizer and windows, complete by itself. */
    private Checkpoint asCheckpoint(NewFolder folder, List<Checkpoint.Part> parts) {
        return new Checkpoint(
                folder.toString(),
                "",
                checkpoint.step(),
                parts,
                attachments(tokenizerFiles),
                RunFolder.about(checkpoint, config, TokenizerExport.named(tokenizer)));
    }

    static List<Checkpoint.Attachment> attachments(Map<String, byte[]> files) {
        return files.entrySet().stream()
                .map(file -> CheckpointStore.attachment(file.getKey(), file.getValue()))
                .toList();
    }

    /** The ids and, for each, the logits [V] of the id that follows. */
    private ObjectNode logits(int... ids) {
        double[] all = network.inference().logits(ids);
        int vocabulary = config.model().vocabularySize();
        ObjectNode node = JSON.createObjectNode();
        node.set("ids", JSON.valueToTree(ids));
        ArrayNode rows = node.putArray("logits");
        for (int from = 0; from < all.length; from += vocabulary) {
            rows.add(JSON.valueToTree(Arrays.copyOfRange(all, from, from + vocabulary)));
        }
        return node;
    }
}

package org.hopespark.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.Safetensors;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerExport;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.jobs.evaluate.Checkpoints;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.model.Architecture;
import org.hopespark.model.ParameterSpec;

/**
 * A network of the Llama family in Hugging Face's layout, written as what {@code export} writes of a Transformer++ that
 * computes the same: something to evaluate, to generate with, and to start a run from.
 *
 * <p>Theirs are [outputs, inputs], ours [inputs, outputs], and queries, keys and values of ours are one matrix. Pairs
 * of channels that turn together lie half a head apart in both. A matrix at a time is in memory.
 */
public final class LlamaImport {
    /** Settings of a run that starts from the network. */
    public static final String RUN_CONFIG = "config.yaml";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BLOCK_ELEMENTS = 1 << 18;
    private static final String BLOCK = "model.layers.%d.";
    /** What older files hold besides: the angles of rotary positions. */
    private static final Pattern BUFFER = Pattern.compile(".*\\.rotary_emb\\.inv_freq");

    private final Path folder;
    private final Configuration hadoop;
    private final String tokenizerName;
    private final TokenizerInfo tokenizer;
    private final LlamaConfig config;
    private final Architecture architecture;

    /**
     * Which tensors a parameter is made of.
     *
     * @param tensors by name; of several, each gives some columns
     * @param outputs rows of each as it is stored; 0 where a parameter is stored as it is
     */
    private record Source(List<String> tensors, List<Long> outputs) {
        static Source asStored(String tensor) {
            return new Source(List.of(tensor), List.of());
        }

        static Source transposed(String tensor, long outputs) {
            return new Source(List.of(tensor), List.of(outputs));
        }

        boolean isTransposed() {
            return !outputs.isEmpty();
        }
    }

    /**
     * Reads configuration and tokenizer of a folder.
     *
     * @param tokenizer its name as that of a data set, empty for the file in the folder
     * @param contextTokens of the network here, 0 for as many as it was made for
     */
    public LlamaImport(String folder, String tokenizer, int contextTokens, Configuration hadoop) {
        this.folder = new Path(folder);
        this.hadoop = hadoop;
        tokenizerName = tokenizer.isEmpty() ? tokenizerOf() : tokenizer;
        try (Tokenizer opened = Tokenizers.of(tokenizerName, new Storage(hadoop))) {
            this.tokenizer = TokenizerInfo.of(opened);
        }
        Path file = new Path(this.folder, ExportedConfig.FILE);
        config = LlamaConfig.of(
                json(file), file.toString(), this.folder.getName(), this.tokenizer.vocabularySize(), contextTokens);
        architecture = Architecture.of(config.run());
    }

    private String tokenizerOf() {
        Storage storage = new Storage(hadoop);
        Path json = new Path(folder, "tokenizer.json");
        if (storage.exists(json)) {
            return "huggingface:" + json;
        }
        Path model = new Path(folder, "tokenizer.model");
        if (storage.exists(model)) {
            return "sentencepiece:" + model;
        }
        throw new UserException(folder + " has neither tokenizer.json nor tokenizer.model: give --tokenizer");
    }

    private JsonNode json(Path file) {
        try {
            FileSystem system = file.getFileSystem(hadoop);
            try (FSDataInputStream in = system.open(file)) {
                return JSON.readTree(in.readAllBytes());
            }
        } catch (IOException e) {
            throw new UserException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Settings of the network here. */
    public RunConfig config() {
        return config.run();
    }

    /** Parameters of the network. */
    public Architecture architecture() {
        return architecture;
    }

    /** Rows of embedding and head that belong to no id of the tokenizer and are left out. */
    public int rowsLeftOut() {
        return config.sizes().vocabulary() - config.run().model().vocabularySize();
    }

    /**
     * Writes the network.
     *
     * @param progress receives the elements written so far
     * @throws UserException if a tensor is missing or unknown, or has another shape
     */
    public void write(NewFolder output, Consumer<Long> progress) throws IOException {
        try (TensorFolder tensors = TensorFolder.open(folder, hadoop)) {
            requireFit(tensors);
            Map<String, byte[]> tokenizerFiles = TokenizerExport.files(
                    tokenizer, tokenizerContent(), config().model().contextTokens());
            Map<String, NewFolder.Content> files = new LinkedHashMap<>();
            List<Checkpoint.Part> parts = new ArrayList<>();
            files.put(
                    ModelExport.TENSORS,
                    out -> parts.add(ModelExport.whole(out, counted -> writeTensors(tensors, counted, progress))));
            tokenizerFiles.forEach((name, content) -> files.put(name, out -> out.write(content)));
            files.put(
                    ExportedConfig.GENERATION_FILE,
                    out -> out.write(JSON.writerWithDefaultPrettyPrinter()
                            .writeValueAsBytes(ExportedConfig.generation(tokenizer))));
            RunConfig run = config().withInit(output.toString());
            files.put(RUN_CONFIG, out -> out.write(run.print().getBytes(StandardCharsets.UTF_8)));
            files.put(
                    Checkpoints.MANIFEST,
                    out -> out.write(CheckpointStore.manifest(checkpoint(output, parts, tokenizerFiles))));
            files.put(
                    ExportedConfig.FILE,
                    out -> out.write(JSON.writerWithDefaultPrettyPrinter()
                            .writeValueAsBytes(ExportedConfig.of(
                                    config(), tokenizer, checkpoint(output, parts, tokenizerFiles)))));
            output.write(files);
        }
    }

    private Map<String, byte[]> tokenizerContent() throws IOException {
        Optional<Path> file = Tokenizers.file(tokenizerName).map(Path::new);
        return file.isEmpty() ? Map.of() : Map.of(file.get().getName(), new Storage(hadoop).read(file.get()));
    }

    private Checkpoint checkpoint(NewFolder output, List<Checkpoint.Part> parts, Map<String, byte[]> tokenizerFiles) {
        Map<String, String> about = Map.of(
                RunFolder.CONFIG,
                config().print(),
                RunFolder.TOKENIZER,
                RunFolder.print(TokenizerExport.named(tokenizer)),
                "imported-from",
                folder.toString());
        return new Checkpoint(output.toString(), "", 0, parts, ModelExport.attachments(tokenizerFiles), about);
    }

    private void requireFit(TensorFolder tensors) {
        Set<String> unknown = new TreeSet<>(tensors.names());
        unknown.removeIf(name -> BUFFER.matcher(name).matches());
        if (architecture.isTied()) {
            unknown.remove("lm_head.weight"); // some files hold it all the same
        }
        List<String> problems = new ArrayList<>();
        for (ParameterSpec parameter : architecture.parameters()) {
            Source source = source(parameter);
            for (int i = 0; i < source.tensors.size(); i++) {
                String name = source.tensors.get(i);
                unknown.remove(name);
                List<Long> shape = source.isTransposed()
                        ? List.of(source.outputs.get(i), parameter.shape().get(0))
                        : stored(parameter);
                tensors.problem(name, shape).ifPresent(problems::add);
            }
        }
        unknown.forEach(name -> problems.add("tensor " + name + " has no counterpart in a Transformer++"));
        if (!problems.isEmpty()) {
            throw UserException.of(folder + " cannot be imported", problems);
        }
    }

    /** Shape of a parameter that is stored as it is; there may be rows for more ids. */
    private List<Long> stored(ParameterSpec parameter) {
        return parameter.shape().size() == 1
                ? parameter.shape()
                : List.of((long) config.sizes().vocabulary(), parameter.shape().get(1));
    }

    private Source source(ParameterSpec parameter) {
        return switch (parameter.name()) {
            case "embedding" -> Source.asStored("model.embed_tokens.weight");
            case "norm" -> Source.asStored("model.norm.weight");
            case "head" -> Source.asStored("lm_head.weight");
            default -> ofBlock(parameter.name());
        };
    }

    private Source ofBlock(String name) {
        LlamaConfig.Sizes sizes = config.sizes();
        String[] path = name.split("\\.", 3);
        String block = BLOCK.formatted(Integer.parseInt(path[1]));
        long width = sizes.width();
        long keys = width / sizes.heads() * sizes.keyValueHeads();
        return switch (path[2]) {
            case "mixer.norm" -> Source.asStored(block + "input_layernorm.weight");
            case "mixer.query-key-value" ->
                new Source(
                        List.of(
                                block + "self_attn.q_proj.weight",
                                block + "self_attn.k_proj.weight",
                                block + "self_attn.v_proj.weight"),
                        List.of(width, keys, keys));
            case "mixer.output" -> Source.transposed(block + "self_attn.o_proj.weight", width);
            case "continuum.1.norm" -> Source.asStored(block + "post_attention_layernorm.weight");
            case "continuum.1.up" -> Source.transposed(block + "mlp.up_proj.weight", sizes.hidden());
            case "continuum.1.gate" -> Source.transposed(block + "mlp.gate_proj.weight", sizes.hidden());
            case "continuum.1.down" -> Source.transposed(block + "mlp.down_proj.weight", width);
            default -> throw new IllegalStateException("no tensor for " + name);
        };
    }

    private void writeTensors(TensorFolder tensors, OutputStream out, Consumer<Long> progress) throws IOException {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        architecture.parameters().forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
        Safetensors.writeFloatHeader(shapes, ModelExport.FORMAT, out);
        long written = 0;
        for (ParameterSpec parameter : architecture.parameters()) {
            Source source = source(parameter);
            if (source.isTransposed()) {
                writeTransposed(tensors, source, parameter, out);
            } else {
                String tensor = source.tensors.get(0);
                for (long from = 0; from < parameter.elements(); from += BLOCK_ELEMENTS) {
                    long to = Math.min(parameter.elements(), from + BLOCK_ELEMENTS);
                    write(tensors.read(tensor, from, to), out);
                }
            }
            written += parameter.elements();
            progress.accept(written);
        }
    }

    /** Row after row of the parameter: a column of each of the stored matrices. */
    private static void writeTransposed(TensorFolder tensors, Source source, ParameterSpec parameter, OutputStream out)
            throws IOException {
        int inputs = Math.toIntExact(parameter.shape().get(0));
        int columns = Math.toIntExact(parameter.shape().get(1));
        List<float[]> stored = new ArrayList<>();
        for (int i = 0; i < source.tensors.size(); i++) {
            stored.add(tensors.read(source.tensors.get(i), 0, source.outputs.get(i) * inputs));
        }
        float[] row = new float[columns];
        for (int input = 0; input < inputs; input++) {
            int column = 0;
            for (float[] matrix : stored) {
                for (int output = 0; output < matrix.length / inputs; output++) {
                    row[column++] = matrix[output * inputs + input];
                }
            }
            write(row, out);
        }
    }

    private static void write(float[] values, OutputStream out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        out.write(buffer.array());
    }
}

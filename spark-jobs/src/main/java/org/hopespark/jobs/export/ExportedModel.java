package org.hopespark.jobs.export;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Safetensors;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.model.Architecture;
import org.hopespark.model.Network;
import org.hopespark.model.PretrainedStart;
import org.hopespark.model.StateSection;

/** A folder that {@code export} wrote, read back: what a new run starts from. */
public final class ExportedModel {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String folder;
    private final Configuration hadoop;
    private final RunConfig config;
    private final JsonNode hope;

    private ExportedModel(String folder, Configuration hadoop, JsonNode hope) {
        this.folder = folder;
        this.hadoop = hadoop;
        this.hope = hope;
        Map<String, Object> run =
                JSON.convertValue(hope.path(ExportedConfig.RUN), new TypeReference<Map<String, Object>>() {});
        config = new Settings(folder + "/" + ExportedConfig.FILE, run).bind(RunConfig.class);
    }

    /** Reads the configuration of the folder. */
    public static ExportedModel open(String folder, Configuration hadoop) {
        Path file = new Path(folder, ExportedConfig.FILE);
        try (InputStream in = file.getFileSystem(hadoop).open(file)) {
            JsonNode hope = JSON.readTree(in.readAllBytes()).path(ExportedConfig.HOPE);
            if (!hope.path(ExportedConfig.RUN).isObject()) {
                throw new UserException(file + " says nothing under " + ExportedConfig.HOPE + "." + ExportedConfig.RUN
                        + ": init must name a folder that 'hope export' wrote");
            }
            return new ExportedModel(folder, hadoop, hope);
        } catch (IOException e) {
            throw new UserException(
                    file + " cannot be read (" + e.getMessage() + "): init must name a folder that 'hope export' wrote",
                    e);
        }
    }

    /** Refuses a run that cannot start from this model, with everything that is in the way. */
    public void requireFit(RunConfig run, TokenizerInfo tokenizer) {
        List<String> problems = new ArrayList<>();
        JsonNode mine = hope.path(ExportedConfig.TOKENIZER);
        if (!mine.path("sha256").asText().equals(tokenizer.sha256())) {
            problems.add("its tokenizer is '" + mine.path("name").asText() + "' ("
                    + mine.path("sha256").asText() + "), that of the data set '" + tokenizer.name() + "' ("
                    + tokenizer.sha256() + ")");
        }
        ModelConfig theirs = run.model();
        differ(problems, "model.mixer or model.pattern", config.model().mixing(), theirs.mixing());
        if (config.model().rotates() && theirs.rotates()) {
            // no shape tells these
            differ(problems, "model.head-width", config.model().headWidth(), theirs.headWidth());
            differ(problems, "model.rope-base", config.model().ropeBase(), theirs.ropeBase());
            differ(problems, "model.rope-scaling", config.model().ropeScaling(), theirs.ropeScaling());
        }
        differ(problems, "model.norm-epsilon", config.model().normEpsilon(), theirs.normEpsilon());
        if (config.model().hasMemories() && theirs.hasMemories()) {
            // nor these: which memory of a head makes what
            MemoryConfig memories = config.model().memory();
            MemoryConfig wanted = theirs.memory();
            differ(problems, "model.memory.adaptive-key", memories.adaptiveKey(), wanted.adaptiveKey());
            differ(problems, "model.memory.adaptive-value", memories.adaptiveValue(), wanted.adaptiveValue());
            differ(problems, "model.memory.adaptive-query", memories.adaptiveQuery(), wanted.adaptiveQuery());
        }
        try (InputStream in = tensors()) {
            problems.addAll(start(Safetensors.readHeader(in, ModelExport.TENSORS), Architecture.of(run))
                    .problems());
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (!problems.isEmpty()) {
            throw UserException.of("the run cannot start from init " + folder, problems);
        }
    }

    private static void differ(List<String> problems, String key, Object mine, Object theirs) {
        if (!mine.equals(theirs)) {
            problems.add(key + " is " + mine + " there and " + theirs + " in this run");
        }
    }

    /** Writes the parameters into a network. Gradients and moments stay as they are. */
    public void loadInto(Network network) {
        try (InputStream in = tensors()) {
            List<Safetensors.Entry> entries = Safetensors.readHeader(in, ModelExport.TENSORS);
            PretrainedStart start = start(entries, network.architecture());
            StateSection parameters =
                    new StateSection("model", start.views(network.levels().parameters()));
            List<String> problems = Safetensors.differences(entries, parameters);
            if (!problems.isEmpty()) {
                throw UserException.of("the run cannot start from init " + folder, problems);
            }
            Safetensors.readElements(in, ModelExport.TENSORS, entries, parameters);
            start.spread(network.levels().parameters());
        } catch (IOException e) {
            throw unreadable(e);
        }
        network.levels().sectionsLoaded();
    }

    private static PretrainedStart start(List<Safetensors.Entry> entries, Architecture architecture) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        entries.forEach(entry -> shapes.put(entry.tensor(), entry.shape()));
        return new PretrainedStart(shapes, architecture);
    }

    private InputStream tensors() throws IOException {
        Path file = new Path(folder, ModelExport.TENSORS);
        return new BufferedInputStream(file.getFileSystem(hadoop).open(file));
    }

    private UserException unreadable(IOException e) {
        return new UserException("init " + folder + " cannot be read: " + e.getMessage(), e);
    }

    @Override
    public String toString() {
        return folder + " (" + config.name() + " after step "
                + hope.at("/checkpoint/step").asLong() + ")";
    }
}

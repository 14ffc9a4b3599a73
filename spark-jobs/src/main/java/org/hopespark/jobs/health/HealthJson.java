package org.hopespark.jobs.health;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Finding;
import org.hopespark.model.health.Health;

/** The health of a model for programs; docs/reference/formats.md lists the keys. */
public final class HealthJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HealthJson() {}

    public static ObjectNode of(String name, Health health, RunConfig config, List<Finding> findings) {
        ObjectNode root = JSON.createObjectNode();
        root.put("model", name);
        root.put("contextTokens", config.model().contextTokens());
        root.put("documentTokens", health.document().inputs().length);
        ObjectNode memory = JSON.createObjectNode();
        health.trained().ifPresent(trained -> {
            root.put("step", trained.step());
            root.put("bitsPerByte", trained.bitsPerByte());
            memory.put("bitsPerByteWithoutWrites", trained.bitsPerByteWithoutWrites());
        });
        root.set("memory", memory);
        blocks(memory.putArray("blocks"), health, config.model().contextTokens());
        health.trained().ifPresent(trained -> levels(root.putArray("levels"), trained));
        ArrayNode gradients = root.putArray("gradients");
        for (Health.Gradient gradient : health.gradients()) {
            ObjectNode line = gradients.addObject().put("tokens", gradient.tokens());
            gradient.norms().forEach(line.putArray("norms")::add);
            line.put("largest", gradient.largest());
        }
        health.withoutGradient().forEach(root.putArray("tensorsWithoutGradient")::add);
        root.put("leak", health.leak());
        ArrayNode ill = root.putArray("findings");
        findings.forEach(finding ->
                ill.addObject().put("illness", finding.illness().toString()).put("text", finding.text()));
        return root;
    }

    private static void blocks(ArrayNode blocks, Health health, int context) {
        for (int block = 0; block < health.blocks().size(); block++) {
            ArrayNode heads = blocks.addObject()
                    .put("block", health.blocks().get(block).block())
                    .putArray("heads");
            for (int head = 0; head < health.blocks().get(block).heads(); head++) {
                ObjectNode node = heads.addObject()
                        .put("head", head)
                        .put("halfLifeTokens", health.blocks().get(block).halfLifeTokens(head))
                        .put("cappedShare", health.cappedShare(block, head));
                ArrayNode written = node.putArray("writtenShare");
                for (Bands.Band band : Bands.upTo(health.document().inputs().length)) {
                    written.addObject()
                            .put("from", band.from())
                            .put("to", band.to())
                            .put("share", health.writtenShare(block, head, band.from(), band.to()));
                }
                ArrayNode norms = node.putArray("stateNorm");
                for (int tokens = context; tokens <= health.document().inputs().length; tokens *= 4) {
                    ObjectNode line = norms.addObject().put("tokens", tokens);
                    List<Double> values = health.stateNorm(block, head, tokens);
                    for (int i = 0; i < values.size(); i++) {
                        line.put(health.blocks().get(block).memories().get(i), values.get(i));
                    }
                }
            }
        }
    }

    private static void levels(ArrayNode levels, Health.Trained trained) {
        for (Health.LevelHealth level : trained.levels()) {
            levels.addObject()
                    .put("level", level.index())
                    .put("boundaries", level.boundaries())
                    .put("drift", level.drift())
                    .put("bitsPerByteFrozen", level.bitsPerByteFrozen());
        }
    }
}

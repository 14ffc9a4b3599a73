package org.hopespark.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.hopespark.jobs.check.Check;

/**
 * What checks have found, as a list and as JSON.
 *
 * @param fine what it means if none has failed
 * @param failed what it means if one has
 */
record CheckList(List<Check> checks, String fine, String failed) {
    /**
     * Prints all.
     *
     * @param json file to write, empty for none
     * @return the exit code
     */
    int print(PrintWriter out, String json) throws IOException {
        checks.forEach(check -> out.printf("%-8s %-11s %s%n", check.status(), check.name(), check.text()));
        long failures = checks.stream().filter(Check::isFailed).count();
        out.println(failures == 0 ? fine : failures + " failed: " + failed);
        out.flush();
        if (!json.isEmpty()) {
            ObjectNode root = new ObjectMapper().createObjectNode().put("passes", failures == 0);
            ArrayNode rows = root.putArray("checks");
            checks.forEach(check -> rows.addObject()
                    .put("name", check.name())
                    .put("status", check.status().toString())
                    .put("text", check.text()));
            UserFiles.writeJson(json, root);
        }
        return failures == 0 ? 0 : 1;
    }
}

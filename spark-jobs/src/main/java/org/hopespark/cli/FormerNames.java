package org.hopespark.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What commands were called before they were grouped by noun; scripts still use it. */
final class FormerNames {
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("plan-corpus", List.of("corpus", "plan")),
            Map.entry("train-tokenizer", List.of("tokenizer", "train")),
            Map.entry("prepare", List.of("data", "prepare")),
            Map.entry("verify-shards", List.of("data", "verify")),
            Map.entry("repair-shards", List.of("data", "repair")),
            Map.entry("stats-shards", List.of("data", "stats")),
            Map.entry("sample-shards", List.of("data", "sample")),
            Map.entry("diff-shards", List.of("data", "diff")),
            Map.entry("runs", List.of("run", "list")),
            Map.entry("report", List.of("run", "report")),
            Map.entry("checkpoints", List.of("run", "checkpoints")),
            Map.entry("health", List.of("run", "health")),
            Map.entry("verify-sync", List.of("check", "sync")),
            Map.entry("chaos", List.of("check", "chaos")));

    /** What may follow {@code corpus}, which was a command itself. */
    private static final Set<String> OF_CORPUS = Set.of("build", "plan", "--help", "-h", "--version", "-V");

    private FormerNames() {}

    /** The same arguments with the name that the command has now. */
    static String[] replace(String... arguments) {
        if (arguments.length == 0) {
            return arguments;
        }
        String command = arguments[0];
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        List<String> now = new ArrayList<>(NAMES.getOrDefault(command, List.of(command)));
        if (command.equals("corpus") && !rest.isEmpty() && !OF_CORPUS.contains(rest.get(0))) {
            now.add("build");
        }
        now.addAll(rest);
        return now.toArray(String[]::new);
    }
}

package org.hopespark.jobs.evaluate;

/**
 * What decides a cell's results, as SHA-256.
 *
 * @param key of all of it
 * @param checkpoint of the checkpoint
 * @param data of the task's files, or of the data set
 * @param code of the code that computes
 */
record Hashes(String key, String checkpoint, String data, String code) {
    static Hashes of(String checkpoint, String data, String code, String... settings) {
        return new Hashes(
                Fingerprint.of("checkpoint " + checkpoint, "data " + data, "code " + code, String.join("\n", settings)),
                checkpoint,
                Fingerprint.of(data),
                code);
    }
}

package org.hopespark.cluster.spark;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.nio.NioTransport;
import org.hopespark.conf.ClusterConfig.Transport;
import org.hopespark.conf.UserException;

/** Which data plane a gang has: one that is protected wherever Spark is. */
final class TransportChoice {
    private static final String CIPHER = "spark.network.crypto.cipher";

    private TransportChoice() {}

    /**
     * What is meant by a setting; not {@link Transport#AUTO}.
     *
     * @param version of Spark
     * @throws UserException when it would leave in the open what Spark protects
     */
    static Transport of(Transport asked, SparkConf conf, String version) {
        if (version.startsWith("3.") && conf.getBoolean("spark.ssl.rpc.enabled", false)) {
            throw new UserException("spark.ssl.rpc.enabled is set, but Spark " + version
                    + " has no TLS between executors: take Spark 4, or spark.network.crypto.enabled");
        }
        Optional<String> protection = Stream.of(
                        "spark.authenticate", "spark.network.crypto.enabled", "spark.ssl.rpc.enabled")
                .filter(key -> conf.getBoolean(key, false))
                .findFirst();
        if (asked == Transport.NIO && protection.isPresent()) {
            throw new UserException("cluster.transport: nio protects nothing that it sends, but "
                    + protection.get() + " is true: set cluster.transport to auto or spark, or trust the network and"
                    + " switch " + protection.get() + " off");
        }
        if (asked != Transport.AUTO) {
            return asked;
        }
        return protection.isPresent() ? Transport.SPARK : Transport.NIO;
    }

    /** What the user should know of the chosen one before the first step, if there is anything. */
    static Optional<String> warning(Transport chosen, SparkConf conf, String version) {
        String cipher = conf.get(CIPHER, "AES/CTR/NoPadding");
        boolean malleable = chosen == Transport.SPARK
                && conf.getBoolean("spark.network.crypto.enabled", false)
                && !conf.getBoolean("spark.ssl.rpc.enabled", false)
                && !cipher.toUpperCase(Locale.ROOT).contains("/GCM/");
        return malleable
                ? Optional.of(
                        CIPHER + " is " + cipher + ", which hides what the workers send but does not prove that it"
                                + " arrives as it was sent: who can write to the network can change gradients unnoticed; "
                                + (version.startsWith("3.")
                                        ? "Spark " + version + " has no other: take Spark 4"
                                        : "set it to AES/GCM/NoPadding"))
                : Optional.empty();
    }

    /** Starts to listen, on an executor. */
    static NetworkTransport listen(Transport chosen, SparkEnv env, Sender self, GenerationKey key) {
        SparkNetwork network = SparkNetwork.of(env);
        return switch (chosen) {
            case NIO -> NioTransport.listen(network.host(), self, key);
            case SPARK -> new SparkTransport(network, self, key);
            case AUTO -> throw new IllegalArgumentException("nothing is chosen");
        };
    }
}

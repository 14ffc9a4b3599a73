package org.hopespark.cluster.spark;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.nio.NioTransport;
import org.hopespark.conf.ClusterConfig.Transport;
import org.hopespark.conf.ConfigException;

/** Which data plane a gang has: one that is protected wherever Spark is. */
final class TransportChoice {
    private TransportChoice() {}

    /**
     * What is meant by a setting; not {@link Transport#AUTO}.
     *
     * @param version of Spark
     * @throws ConfigException when it would leave in the open what Spark protects
     */
    static Transport of(Transport asked, SparkConf conf, String version) {
        if (version.startsWith("3.") && conf.getBoolean("spark.ssl.rpc.enabled", false)) {
            throw new ConfigException("spark.ssl.rpc.enabled is set, but Spark " + version
                    + " has no TLS between executors: take Spark 4, or spark.network.crypto.enabled");
        }
        Optional<String> protection = Stream.of(
                        "spark.authenticate", "spark.network.crypto.enabled", "spark.ssl.rpc.enabled")
                .filter(key -> conf.getBoolean(key, false))
                .findFirst();
        if (asked == Transport.NIO && protection.isPresent()) {
            throw new ConfigException("cluster.transport: nio neither authenticates nor encrypts, but "
                    + protection.get() + " is true: set cluster.transport to auto or spark, or trust the network and"
                    + " switch " + protection.get() + " off");
        }
        if (asked != Transport.AUTO) {
            return asked;
        }
        return protection.isPresent() ? Transport.SPARK : Transport.NIO;
    }

    /** Starts to listen, on an executor. */
    static NetworkTransport listen(Transport chosen, SparkEnv env, Sender self) {
        SparkNetwork network = SparkNetwork.of(env);
        return switch (chosen) {
            case NIO -> NioTransport.listen(network.host(), self);
            case SPARK -> new SparkTransport(network, self);
            case AUTO -> throw new IllegalArgumentException("nothing is chosen");
        };
    }
}

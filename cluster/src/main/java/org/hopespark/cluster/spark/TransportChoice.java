package org.hopespark.cluster.spark;

import java.util.ArrayList;
import java.util.List;
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
    private static final String AUTHENTICATE = "spark.authenticate";
    private static final String CRYPTO = "spark.network.crypto.enabled";
    private static final String SASL = "spark.authenticate.enableSaslEncryption";
    private static final String TLS = "spark.ssl.rpc.enabled";
    private static final List<String> SECRETS = List.of("spark.authenticate.secret", "spark.authenticate.secret.file");
    private static final String CIPHER = "spark.network.crypto.cipher";

    private TransportChoice() {}

    /**
     * What is meant by a setting; not {@link Transport#AUTO}.
     *
     * @param version of Spark
     * @throws UserException when it would leave in the open what Spark protects
     */
    static Transport of(Transport asked, SparkConf conf, String version) {
        unprotected(asked, conf, version).stream().findFirst().ifPresent(problem -> {
            throw new UserException(problem);
        });
        if (asked != Transport.AUTO) {
            return asked;
        }
        return protection(conf).isPresent() ? Transport.SPARK : Transport.NIO;
    }

    /** What the transport would leave in the open, for the user. */
    private static List<String> unprotected(Transport asked, SparkConf conf, String version) {
        List<String> problems = new ArrayList<>();
        if (version.startsWith("3.") && conf.getBoolean(TLS, false)) {
            problems.add(TLS + " is set, but Spark " + version
                    + " has no TLS between executors: take Spark 4, or spark.network.crypto.enabled");
        }
        protection(conf)
                .filter(on -> asked == Transport.NIO)
                .ifPresent(on -> problems.add("cluster.transport: nio protects nothing that it sends, but " + on
                        + " is true: set cluster.transport" + " to auto or spark, or trust the network and switch " + on
                        + " off"));
        return problems;
    }

    /** The same, and what keeps Spark from protecting anything, with which it does not start. */
    static List<String> problems(Transport asked, SparkConf conf, String version) {
        List<String> problems = unprotected(asked, conf, version);
        boolean authenticates = conf.getBoolean(AUTHENTICATE, false);
        Stream.of(CRYPTO, SASL)
                .filter(key -> !authenticates && conf.getBoolean(key, false))
                .forEach(key -> problems.add(key + " is true, but " + AUTHENTICATE
                        + " is not, and there is no key to encrypt with: set it to true, too"));
        if (authenticates && !makesSecrets(conf) && SECRETS.stream().noneMatch(conf::contains)) {
            problems.add(AUTHENTICATE + " is true, but there is no secret, which only YARN and Kubernetes make: set "
                    + SECRETS.get(0) + " to the one of the cluster, on its nodes, too");
        }
        return problems;
    }

    private static Optional<String> protection(SparkConf conf) {
        return Stream.of(AUTHENTICATE, CRYPTO, TLS)
                .filter(key -> conf.getBoolean(key, false))
                .findFirst();
    }

    /** As Spark's SecurityManager.initializeAuth, which takes embedded clusters for standalone ones. */
    private static boolean makesSecrets(SparkConf conf) {
        String master = conf.get("spark.master", "local");
        return master.startsWith("yarn")
                || master.startsWith("k8s")
                || (master.startsWith("local") && !master.startsWith("local-cluster"));
    }

    /** What the user should know of the chosen one before the first step, if there is anything. */
    static Optional<String> warning(Transport chosen, SparkConf conf, String version) {
        if (chosen == Transport.SPARK && protection(conf).isEmpty()) {
            return Optional.of("cluster.transport is spark, but nothing protects it: set " + AUTHENTICATE + " and "
                    + CRYPTO + " to true, or take nio, which is faster");
        }
        String cipher = conf.get(CIPHER, "AES/CTR/NoPadding");
        boolean malleable = chosen == Transport.SPARK
                && conf.getBoolean(CRYPTO, false)
                && !conf.getBoolean(TLS, false)
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

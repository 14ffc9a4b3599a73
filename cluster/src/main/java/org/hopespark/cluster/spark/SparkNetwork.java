package org.hopespark.cluster.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;

/**
 * What configures Spark's network layer: the settings of Spark, and its secret where {@code spark.authenticate} is on.
 *
 * @param host name or address of this machine, as the other workers know it
 * @param settings of Spark
 * @param secret the application's, if it has one
 */
public record SparkNetwork(String host, Map<String, String> settings, Optional<Secret> secret) {
    private static final String MODULE = "hope";
    /** Enough to fill a link; what is spent here is missing in the mathematics. */
    private static final String THREADS = "2";
    /** A worker that does not answer for so long is not there: it listened before it announced its address. */
    private static final String CONNECT_TIMEOUT = "10s";

    private static final String SSL = "spark.ssl.";
    private static final String RPC = SSL + "rpc.";
    /** Where Spark's launchers leave for executors what must not stand in a command line. */
    private static final Map<String, String> PASSWORDS = Map.of(
            RPC + "keyPassword", "_SPARK_SSL_RPC_KEY_PASSWORD",
            RPC + "privateKeyPassword", "_SPARK_SSL_RPC_PRIVATE_KEY_PASSWORD",
            RPC + "keyStorePassword", "_SPARK_SSL_RPC_KEY_STORE_PASSWORD",
            RPC + "trustStorePassword", "_SPARK_SSL_RPC_TRUST_STORE_PASSWORD");

    /**
     * What two sides must have in common to hear each other.
     *
     * @param application id of the Spark application
     * @param keys of the application
     */
    public record Secret(String application, SecretKeyHolder keys) {}

    /** As the executor that this runs on has it. */
    static SparkNetwork of(SparkEnv env) {
        Optional<Secret> secret = env.conf().getBoolean("spark.authenticate", false)
                ? Optional.of(new Secret(env.conf().getAppId(), env.securityManager()))
                : Optional.empty();
        return new SparkNetwork(env.blockManager().blockManagerId().host(), ScalaApi.settings(env.conf()), secret);
    }

    TransportConf conf() {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("spark." + MODULE + ".io.serverThreads", THREADS);
        all.putIfAbsent("spark." + MODULE + ".io.clientThreads", THREADS);
        all.putIfAbsent("spark." + MODULE + ".io.connectionCreationTimeout", CONNECT_TIMEOUT);
        // as Spark does: spark.ssl.* holds for what spark.ssl.rpc.* leaves open, but does not switch it on
        settings.forEach((key, value) -> {
            String rest = key.startsWith(SSL) ? key.substring(SSL.length()) : "enabled";
            if (!rest.contains(".") && !rest.equals("enabled")) {
                all.putIfAbsent(RPC + rest, value);
            }
        });
        PASSWORDS.forEach((key, variable) -> {
            String password = System.getenv(variable);
            if (password != null) {
                all.putIfAbsent(key, password);
            }
        });
        return new TransportConf(MODULE, new MapConfigProvider(all));
    }

    TransportClientFactory clients(TransportContext context) {
        List<TransportClientBootstrap> bootstraps = new ArrayList<>();
        secret.ifPresent(s -> bootstraps.add(new AuthClientBootstrap(context.getConf(), s.application(), s.keys())));
        return context.createClientFactory(bootstraps);
    }

    TransportServer server(TransportContext context) {
        List<TransportServerBootstrap> bootstraps = new ArrayList<>();
        secret.ifPresent(s -> bootstraps.add(new AuthServerBootstrap(context.getConf(), s.keys())));
        return context.createServer(host, 0, bootstraps);
    }
}

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * Stands before a server of S3 and is what object stores are on a bad day: slow, and it fails a share of the requests.
 * A line of its output for each request as it comes, and one for each that it fails.
 *
 * <pre>java SlowStore.java PORT PORT-OF-THE-SERVER MEAN-DELAY-MILLISECONDS PERCENT-OF-FAILURES SEED</pre>
 */
final class SlowStore {
    private static final String BUSY = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

    /** Headers of the connection, and those that the sender sets. */
    private static final Set<String> OWN =
            Set.of("connection", "content-length", "date", "expect", "transfer-encoding", "upgrade");

    /** How a request fails. */
    private enum Failure {
        /** It is not done. */
        REFUSED,
        /** It is done, and nobody is told. */
        LOST,
        /** It is done, and the connection breaks in the middle of the answer. */
        CUT
    }

    private final String server;
    private final int delayMillis;
    private final int percent;
    private final Random random;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private SlowStore(String server, int delayMillis, int percent, long seed) {
        this.server = server;
        this.delayMillis = delayMillis;
        this.percent = percent;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws IOException {
        // the host is signed with the request
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        SlowStore store = new SlowStore(
                "http://127.0.0.1:" + arguments[1],
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Long.parseLong(arguments[4]));
        HttpServer front = HttpServer.create(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(arguments[0])), 0);
        front.createContext("/", store::handle);
        front.setExecutor(Executors.newCachedThreadPool());
        front.start();
        System.out.println("listening");
    }

    private void handle(HttpExchange exchange) throws IOException {
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        System.out.println(request);
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Thread.sleep(random.nextInt(2 * delayMillis + 1));
            if (random.nextInt(100) < percent) {
                Failure failure = Failure.values()[random.nextInt(Failure.values().length)];
                System.out.println(failure + " " + request);
                fail(exchange, body, failure);
            } else {
                answer(exchange, pass(exchange, body));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(HttpExchange exchange, byte[] body, Failure failure) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = failure == Failure.REFUSED ? null : pass(exchange, body);
        if (failure == Failure.CUT) {
            if (response.body().length > 1) {
                begin(exchange, response).write(response.body(), 0, response.body().length / 2);
            }
            return; // what is closed before all of it was sent takes the connection with it
        }
        byte[] busy = BUSY.getBytes(StandardCharsets.UTF_8);
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(503, isHead ? -1 : busy.length);
        if (!isHead) {
            exchange.getResponseBody().write(busy);
        }
    }

    private HttpResponse<byte[]> pass(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static void answer(HttpExchange exchange, HttpResponse<byte[]> response) throws IOException {
        OutputStream out = begin(exchange, response);
        if (response.body().length > 0) {
            out.write(response.body());
        }
    }

    private static OutputStream begin(HttpExchange exchange, HttpResponse<byte[]> response) throws IOException {
        response.headers().map().forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        if (exchange.getRequestMethod().equals("HEAD")) {
            response.headers()
                    .firstValue("Content-Length")
                    .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
        }
        int length = response.body().length;
        exchange.sendResponseHeaders(response.statusCode(), length == 0 ? -1 : length);
        return exchange.getResponseBody();
    }
}

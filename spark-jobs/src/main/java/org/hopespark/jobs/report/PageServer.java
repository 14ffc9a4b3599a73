package org.hopespark.jobs.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.TextFiles;

/**
 * The pages of some runs, and their figures for Prometheus, rebuilt at each request, so that they follow runs that
 * still train. Listens on the loopback address, and answers only those who know the secret in the address that it
 * gives.
 */
public final class PageServer implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(PageServer.class);
    private static final int TOKEN_BYTES = 16;
    /** A browser asks again after so many seconds while a run trains. */
    private static final String REFRESH_SECONDS = "30";
    /** For Prometheus, beside the pages. */
    private static final String METRICS = "metrics";

    private static final String PROMETHEUS = "text/plain; version=0.0.4";

    private final List<String> folders;
    private final TextFiles files;
    private final String root;
    private final HttpServer server;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread result = new Thread(work, "hope-pages");
        result.setDaemon(true);
        return result;
    });

    /** What is answered; {@code live} if it may be another one soon. */
    private record Page(String type, String content, boolean live) {
        static Page html(String markup, boolean live) {
            return new Page("text/html", markup, live);
        }
    }

    /**
     * Serves at once.
     *
     * @param folders as of {@link RunList#read}
     * @param port 0 for any free one
     */
    public PageServer(List<String> folders, TextFiles files, int port) throws IOException {
        this.folders = List.copyOf(folders);
        this.files = files;
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        root = "/" + HexFormat.of().formatHex(token) + "/";
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::answer);
        server.setExecutor(thread);
        server.start();
    }

    /** Where a browser finds the list of runs. */
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + root;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Optional<Page> page = isAllowed(path) ? page(path.substring(root.length())) : Optional.empty();
            page.filter(Page::live)
                    .ifPresent(live -> exchange.getResponseHeaders().set("Refresh", REFRESH_SECONDS));
            if (page.isPresent()) {
                send(exchange, 200, page.get().type(), page.get().content());
            } else {
                send(exchange, 404, "text/plain", "no such page");
            }
        } catch (UserException e) {
            send(exchange, 500, "text/plain", String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("a page could not be made", e);
            throw e;
        }
    }

    private boolean isAllowed(String path) {
        return path.length() >= root.length()
                && MessageDigest.isEqual(
                        path.substring(0, root.length()).getBytes(StandardCharsets.UTF_8),
                        root.getBytes(StandardCharsets.UTF_8));
    }

    /** Of runs that are listed alone: a path is compared with theirs, and never opened. */
    private Optional<Page> page(String path) throws IOException {
        RunList runs = RunList.read(folders, files);
        if (path.isEmpty()) {
            return Optional.of(Page.html(runs.page(RunList.Links.ALL), runs.trains()));
        }
        if (path.equals(METRICS)) {
            Map<String, RunMetrics> metrics = new LinkedHashMap<>();
            for (RunSummary run : runs.runs()) {
                metrics.put(runs.place(run), RunReport.metrics(run.folder(), files));
            }
            return Optional.of(new Page(PROMETHEUS, PrometheusText.of(metrics), false));
        }
        for (RunSummary run : runs.runs()) {
            String place = runs.place(run) + "/";
            if (path.equals(place + RunReport.PAGE)) {
                return Optional.of(Page.html(RunReport.page(run.folder(), files), !run.isFinished()));
            }
            Path evaluation = new Path(run.folder(), RunReport.EVALUATION);
            if (path.equals(place + RunReport.EVALUATION) && files.exists(evaluation)) {
                return Optional.of(Page.html(files.read(evaluation), false));
            }
        }
        return Optional.empty();
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        thread.shutdownNow();
    }
}

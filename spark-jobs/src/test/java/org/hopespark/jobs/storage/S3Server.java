package org.hopespark.jobs.storage;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** An S3 server in this process that keeps its objects in memory, and Hadoop's settings to reach it. */
final class S3Server implements AutoCloseable {
    private static final String BUCKET = "hope";
    private static final String KEY = "hope-key";
    private static final String SECRET = "hope-secret";

    private final BlobStoreContext objects;
    private final S3Proxy server;

    S3Server() throws Exception {
        objects = ContextBuilder.newBuilder(new TransientApiMetadata())
                .credentials(KEY, SECRET)
                .buildView(BlobStoreContext.class);
        objects.getBlobStore().createContainerInLocation(null, BUCKET);
        server = S3Proxy.builder()
                .blobStore(objects.getBlobStore())
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, KEY, SECRET)
                .build();
        server.start();
    }

    /** The bucket's name for Hadoop. */
    static String root() {
        return "s3a://" + BUCKET;
    }

    /** Settings of Hadoop for a process that buffers what it writes in a folder. */
    Map<String, String> settings(Path buffer) {
        return Map.of(
                "fs.s3a.endpoint",
                "http://127.0.0.1:" + server.getPort(),
                "fs.s3a.endpoint.region",
                "us-east-1",
                "fs.s3a.path.style.access",
                "true",
                "fs.s3a.access.key",
                KEY,
                "fs.s3a.secret.key",
                SECRET,
                "fs.s3a.connection.ssl.enabled",
                "false",
                "fs.s3a.buffer.dir",
                buffer.toString());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) { // of Jetty, which declares no other
            throw new IllegalStateException("the S3 server did not stop", e);
        }
        objects.close();
    }
}

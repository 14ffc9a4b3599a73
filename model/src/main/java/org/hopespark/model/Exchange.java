package org.hopespark.model;

/**
 * What one exchange cost this worker.
 *
 * @param bytesSent payload that left
 * @param bytesReceived payload that arrived
 * @param nanos time from call to return
 */
public record Exchange(long bytesSent, long bytesReceived, long nanos) {
    public static final Exchange NONE = new Exchange(0, 0, 0);

    /** Both costs together. */
    public Exchange plus(Exchange other) {
        return new Exchange(bytesSent + other.bytesSent, bytesReceived + other.bytesReceived, nanos + other.nanos);
    }
}

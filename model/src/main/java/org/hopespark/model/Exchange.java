package org.hopespark.model;

/**
 * What one exchange cost this worker.
 *
 * @param bytesSent payload that left
 * @param bytesReceived payload that arrived
 * @param begin {@link System#nanoTime} when it began
 * @param end {@link System#nanoTime} when it was done
 */
public record Exchange(long bytesSent, long bytesReceived, long begin, long end) {
    public static final Exchange NONE = new Exchange(0, 0, 0, 0);

    /** From the beginning to the end. */
    public long nanos() {
        return end - begin;
    }

    /** Both, and the time from the beginning of the first to the end of the last. */
    public Exchange plus(Exchange other) {
        if (equals(NONE) || other.equals(NONE)) {
            return equals(NONE) ? other : this;
        }
        return new Exchange(
                bytesSent + other.bytesSent,
                bytesReceived + other.bytesReceived,
                other.begin - begin < 0 ? other.begin : begin,
                other.end - end > 0 ? other.end : end);
    }
}

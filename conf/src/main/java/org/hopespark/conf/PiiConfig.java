package org.hopespark.conf;

/**
 * Addresses of people and machines, which are replaced by ones that belong to nobody, as datatrove's
 * {@code PIIFormatter} does for FineWeb.
 *
 * @param emails whether e-mail addresses are
 * @param ipAddresses whether IP addresses are that are reachable from everywhere; private and reserved ones stay
 */
public record PiiConfig(boolean emails, boolean ipAddresses) implements StageConfig {
    static final PiiConfig DEFAULT = new PiiConfig(true, true);
}

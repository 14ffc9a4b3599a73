package org.hopespark.cluster;

import java.io.Serializable;
import java.util.UUID;

/**
 * One attempt. Whatever bears another one is refused.
 *
 * @param token tells this attempt from all others, of other runs too; a name that logs and web pages show, no secret
 * @param number of the attempt in its run, from 1
 */
public record Generation(UUID token, long number) implements Serializable {
    @Override
    public String toString() {
        return "generation " + number + " (" + token + ")";
    }
}

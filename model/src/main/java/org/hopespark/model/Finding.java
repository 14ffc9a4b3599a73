package org.hopespark.model;

/**
 * Something that is wrong.
 *
 * @param illness its kind
 * @param text where it was seen, with its figures, and the setting to change
 */
public record Finding(Illness illness, String text) {
    @Override
    public String toString() {
        return illness + ": " + text;
    }
}

package org.hopespark.model.eval.continual;

/**
 * A text and its class.
 *
 * @param text as published
 * @param label place in {@link LabelledTexts#labels}
 */
public record Example(String text, int label) {}

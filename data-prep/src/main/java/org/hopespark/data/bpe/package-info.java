/**
 * Byte-level byte-pair encoding: text is cut into words, and within each word pairs of byte strings are merged in the
 * order in which training found them (Sennrich et al., 2016; Radford et al., 2019).
 *
 * <p>Read {@link org.hopespark.data.bpe.BytePairEncoder} first. Text is UTF-8 here from the beginning: a word is a
 * range of bytes.
 */
@NullMarked
package org.hopespark.data.bpe;

import org.jspecify.annotations.NullMarked;

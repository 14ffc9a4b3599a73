/** The steps of {@code corpus} on one part: what they keep and remove, duplicates, mixtures, counts. */
@NullMarked
package org.hopespark.data.corpus;

import org.jspecify.annotations.NullMarked;

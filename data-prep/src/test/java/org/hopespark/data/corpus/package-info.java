/** Tests of what the steps of {@code corpus} do to one part. */
@NullMarked
package org.hopespark.data.corpus;

import org.jspecify.annotations.NullMarked;

/** Tests of the corpus preparation. */
@NullMarked
package org.hopespark.data;

import org.jspecify.annotations.NullMarked;

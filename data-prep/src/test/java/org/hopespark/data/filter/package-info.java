/** Tests of the corpus preparation. */
@NullMarked
package org.hopespark.data.filter;

import org.jspecify.annotations.NullMarked;

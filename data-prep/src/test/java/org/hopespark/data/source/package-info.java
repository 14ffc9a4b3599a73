/** Tests of readers. */
@NullMarked
package org.hopespark.data.source;

import org.jspecify.annotations.NullMarked;

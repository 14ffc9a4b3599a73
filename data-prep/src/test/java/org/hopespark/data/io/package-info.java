/** Tests of locks. */
@NullMarked
package org.hopespark.data.io;

import org.jspecify.annotations.NullMarked;

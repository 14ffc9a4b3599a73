/** {@code hope bench}: what this machine does, as tables. A jar of its own, which the product does not need. */
@NullMarked
package org.hopespark.bench;

import org.jspecify.annotations.NullMarked;

/** Tests of the shard format. */
@NullMarked
package org.hopespark.data.shard;

import org.jspecify.annotations.NullMarked;

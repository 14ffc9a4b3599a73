/**
 * The shard format ({@code docs/reference/formats.md}): packing, writing, reading and verifying lanes, manifests and
 * snapshots.
 *
 * <p>Read {@link org.hopespark.data.shard.LanePacker} first: it is the format.
 */
@NullMarked
package org.hopespark.data.shard;

import org.jspecify.annotations.NullMarked;

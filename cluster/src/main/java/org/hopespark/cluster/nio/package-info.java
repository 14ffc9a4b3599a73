/**
 * The data plane on plain sockets, for networks that are trusted: nothing is encrypted, and nobody proves who he is.
 *
 * <p>Read {@link org.hopespark.cluster.nio.NioTransport} first.
 */
@NullMarked
package org.hopespark.cluster.nio;

import org.jspecify.annotations.NullMarked;

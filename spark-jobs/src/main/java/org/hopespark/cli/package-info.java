/**
 * The commands: {@link org.hopespark.cli.Main}, a class for each command, and all that they print. What they start is
 * in {@code org.hopespark.jobs}, which knows nothing of them.
 */
@NullMarked
package org.hopespark.cli;

import org.jspecify.annotations.NullMarked;

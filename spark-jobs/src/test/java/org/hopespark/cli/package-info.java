/** Tests of the commands. */
@NullMarked
package org.hopespark.cli;

import org.jspecify.annotations.NullMarked;

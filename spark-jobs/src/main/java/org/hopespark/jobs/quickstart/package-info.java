/** The whole way in one command, from raw text to an evaluated model. */
@NullMarked
package org.hopespark.jobs.quickstart;

import org.jspecify.annotations.NullMarked;

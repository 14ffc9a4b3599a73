/** How far long work has come, in words and units. */
@NullMarked
package org.hopespark.jobs.progress;

import org.jspecify.annotations.NullMarked;

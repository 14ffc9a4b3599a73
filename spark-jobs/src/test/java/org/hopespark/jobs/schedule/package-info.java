/** Tests of what a scheduler is told. */
@NullMarked
package org.hopespark.jobs.schedule;

import org.jspecify.annotations.NullMarked;

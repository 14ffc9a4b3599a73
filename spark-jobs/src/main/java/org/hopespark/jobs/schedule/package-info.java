/** What a scheduler needs of a job: one at a time, a record of each run, and an exit code that says what happened. */
@NullMarked
package org.hopespark.jobs.schedule;

import org.jspecify.annotations.NullMarked;

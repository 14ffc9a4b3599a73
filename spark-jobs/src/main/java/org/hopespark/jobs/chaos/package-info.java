/**
 * Random faults against a real run, and the proof that it ends with the bits of an undisturbed one. Read
 * {@link org.hopespark.cli.ChaosCommand} first.
 */
@NullMarked
package org.hopespark.jobs.chaos;

import org.jspecify.annotations.NullMarked;

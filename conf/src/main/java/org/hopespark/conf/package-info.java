/**
 * The vocabulary of a run: levels and their schedule, and the settings that a YAML file fills.
 *
 * <p>Read {@link org.hopespark.conf.LevelSchedule} first, then {@link org.hopespark.conf.RunConfig}.
 */
@NullMarked
package org.hopespark.conf;

import org.jspecify.annotations.NullMarked;

/**
 * The jobs that a user starts. Each command is a class in a package of its own; {@code Main} joins them.
 *
 * <p>Read {@link org.hopespark.jobs.pretrain.PretrainJob} first.
 */
@NullMarked
package org.hopespark.jobs;

import org.jspecify.annotations.NullMarked;

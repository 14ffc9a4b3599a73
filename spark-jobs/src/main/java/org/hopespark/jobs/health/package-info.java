/**
 * The command that says whether a model is well: {@link org.hopespark.cli.HealthCommand}. What is measured and judged
 * is in {@code org.hopespark.model.health}.
 */
@NullMarked
package org.hopespark.jobs.health;

import org.jspecify.annotations.NullMarked;

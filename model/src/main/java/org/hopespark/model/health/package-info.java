/**
 * Whether a model is well: figures that a healthy one keeps within bounds, and sentences about those that are not.
 *
 * <p>Read {@link org.hopespark.model.health.HealthCheck}, which measures, then
 * {@link org.hopespark.model.health.Diagnosis}, which judges. {@link org.hopespark.model.InnerFindings} judges the
 * cheap part of it while a model trains.
 */
@NullMarked
package org.hopespark.model.health;

import org.jspecify.annotations.NullMarked;

/**
 * Tasks that measure what a model makes of a long context: RULER (Hsieh et al. 2024), BABILong (Kuratov et al. 2024)
 * and the loss by position.
 *
 * <p>Prompts are generated, of any length, measured in tokens of the model that is evaluated. Draws come from
 * {@link java.util.Random}, whose sequence the Java platform specifies, so a seed gives the same prompts everywhere;
 * the references draw from Python's generator, so their prompts follow the same rules but hold other words. Read
 * {@link org.hopespark.model.eval.longcontext.LongContextTasks} first, then
 * {@link org.hopespark.model.eval.longcontext.Samples} for how long a prompt becomes.
 */
@NullMarked
package org.hopespark.model.eval.longcontext;

import org.jspecify.annotations.NullMarked;

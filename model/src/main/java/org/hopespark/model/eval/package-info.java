/**
 * Scores of one model on one task, by the rules of lm-evaluation-harness, so that numbers can be compared with
 * published ones.
 *
 * <p>A {@link org.hopespark.model.eval.Task} reads its file and asks a {@link org.hopespark.model.eval.LanguageModel}
 * for log-likelihoods of texts; {@link org.hopespark.model.eval.TokenLanguageModel} answers from a tokenizer and a
 * network. Read {@link org.hopespark.model.eval.Evaluation} first, then
 * {@link org.hopespark.model.eval.TokenLanguageModel}; {@link org.hopespark.model.eval.HellaSwag} shows what another
 * multiple-choice task takes. Log-likelihoods are natural logarithms.
 */
@NullMarked
package org.hopespark.model.eval;

import org.jspecify.annotations.NullMarked;

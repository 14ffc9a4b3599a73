/** The corpus pipeline: from collected documents to those that are worth training on, step by step. */
@NullMarked
package org.hopespark.jobs.corpus;

import org.jspecify.annotations.NullMarked;

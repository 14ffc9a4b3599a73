/** Tests of the preparation jobs. */
@NullMarked
package org.hopespark.jobs.tokenizer;

import org.jspecify.annotations.NullMarked;

/** Tests of tokenizers. */
@NullMarked
package org.hopespark.data.tokenizer;

import org.jspecify.annotations.NullMarked;

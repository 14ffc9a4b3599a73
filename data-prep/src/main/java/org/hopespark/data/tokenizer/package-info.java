/** Texts to ids and back: {@link org.hopespark.data.tokenizer.Tokenizers} opens what a configuration names. */
@NullMarked
package org.hopespark.data.tokenizer;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.data.bpe;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.model.eval.synthetic;

import org.jspecify.annotations.NullMarked;

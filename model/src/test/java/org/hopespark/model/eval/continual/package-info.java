@NullMarked
package org.hopespark.model.eval.continual;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.model.health;

import org.jspecify.annotations.NullMarked;

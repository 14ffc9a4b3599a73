@NullMarked
package org.hopespark.text;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.conf;

import org.jspecify.annotations.NullMarked;

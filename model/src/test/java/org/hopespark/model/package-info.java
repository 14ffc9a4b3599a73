@NullMarked
package org.hopespark.model;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.jobs.health;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.hopespark.jobs.plan;

import org.jspecify.annotations.NullMarked;

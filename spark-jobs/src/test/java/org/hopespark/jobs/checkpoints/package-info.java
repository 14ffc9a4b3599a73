@NullMarked
package org.hopespark.jobs.checkpoints;

import org.jspecify.annotations.NullMarked;

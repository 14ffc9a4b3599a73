@NullMarked
package org.hopespark.jobs.pretrain;

import org.jspecify.annotations.NullMarked;

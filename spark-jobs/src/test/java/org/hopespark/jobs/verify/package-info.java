@NullMarked
package org.hopespark.jobs.verify;

import org.jspecify.annotations.NullMarked;

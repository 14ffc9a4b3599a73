@NullMarked
package org.hopespark.jobs.check;

import org.jspecify.annotations.NullMarked;

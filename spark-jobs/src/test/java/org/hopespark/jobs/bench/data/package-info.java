@NullMarked
package org.hopespark.jobs.bench.data;

import org.jspecify.annotations.NullMarked;

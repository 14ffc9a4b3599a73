@NullMarked
package org.hopespark.jobs.bench;

import org.jspecify.annotations.NullMarked;

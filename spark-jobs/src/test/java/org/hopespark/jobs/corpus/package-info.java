@NullMarked
package org.hopespark.jobs.corpus;

import org.jspecify.annotations.NullMarked;

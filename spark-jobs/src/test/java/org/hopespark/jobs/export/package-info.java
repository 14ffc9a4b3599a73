@NullMarked
package org.hopespark.jobs.export;

import org.jspecify.annotations.NullMarked;

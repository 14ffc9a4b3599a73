@NullMarked
package org.hopespark.jobs.run;

import org.jspecify.annotations.NullMarked;

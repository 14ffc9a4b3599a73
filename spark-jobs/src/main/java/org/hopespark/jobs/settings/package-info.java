/** What settings there are. */
@NullMarked
package org.hopespark.jobs.settings;

import org.jspecify.annotations.NullMarked;

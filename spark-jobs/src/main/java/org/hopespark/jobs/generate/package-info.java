/** The command that lets a trained model write. */
@NullMarked
package org.hopespark.jobs.generate;

import org.jspecify.annotations.NullMarked;

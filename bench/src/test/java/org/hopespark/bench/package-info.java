/** Tests of the benchmarks. */
@NullMarked
package org.hopespark.bench;

import org.jspecify.annotations.NullMarked;

/** Tests of adapters. */
@NullMarked
package org.hopespark.jobs.adapter;

import org.jspecify.annotations.NullMarked;

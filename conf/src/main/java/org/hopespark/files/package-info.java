/** Files on any file system that Hadoop knows, written such that nobody ever finds half of one. */
@NullMarked
package org.hopespark.files;

import org.jspecify.annotations.NullMarked;

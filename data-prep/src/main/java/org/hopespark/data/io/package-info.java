/** File systems, locks of folders, JSON. */
@NullMarked
package org.hopespark.data.io;

import org.jspecify.annotations.NullMarked;

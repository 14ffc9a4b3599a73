/**
 * Text on its way to people: no control characters for a terminal or a page, no secrets.
 *
 * <p>Read {@link org.hopespark.text.Printable} first.
 */
@NullMarked
package org.hopespark.text;

import org.jspecify.annotations.NullMarked;

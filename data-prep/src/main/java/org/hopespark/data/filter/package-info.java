/**
 * The stages between reading documents and tokenizing them: each changes a document, or removes it and says why.
 *
 * <p>Read {@link org.hopespark.data.filter.Stages} first. The filters judge a document by its
 * {@link org.hopespark.data.filter.Shape}, the words and lines of its first {@value Shape#EXAMINED} characters, so that
 * the work on one document has a bound.
 */
@NullMarked
package org.hopespark.data.filter;

import org.jspecify.annotations.NullMarked;

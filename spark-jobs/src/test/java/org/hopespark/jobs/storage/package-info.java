/**
 * What is stored, on the stores that users have and through losses of power. Read
 * {@link org.hopespark.jobs.storage.Blackout} and {@link org.hopespark.jobs.storage.StorageContract} first.
 */
@NullMarked
package org.hopespark.jobs.storage;

import org.jspecify.annotations.NullMarked;

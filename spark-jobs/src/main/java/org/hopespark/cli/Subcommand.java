package org.hopespark.cli;

import java.util.concurrent.Callable;

/** A command that another jar brings, named in its {@code META-INF/services}. */
public interface Subcommand extends Callable<Integer> {}

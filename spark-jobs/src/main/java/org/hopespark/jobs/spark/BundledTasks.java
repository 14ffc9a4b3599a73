package org.hopespark.jobs.spark;

import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.data.source.Bundles;

/** Tasks of Spark that each take several items where those are small. */
public final class BundledTasks {
    /** A driver keeps some kilobytes for each. */
    private static final int MOST = 10_000;

    private BundledTasks() {}

    /** The items in their order; results must not depend on how they are divided. */
    public static <T> JavaRDD<T> of(JavaSparkContext spark, List<T> items, ToLongFunction<T> bytes) {
        List<List<T>> tasks = Bundles.ofTasks(items, bytes, spark.defaultParallelism());
        return spark.parallelize(tasks, Math.max(1, Math.min(tasks.size(), MOST)))
                .flatMap(List::iterator);
    }
}

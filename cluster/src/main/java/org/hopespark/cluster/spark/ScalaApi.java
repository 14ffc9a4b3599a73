package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** What Spark offers to Scala only. Scala types appear here and nowhere else. */
final class ScalaApi {
    private ScalaApi() {}

    /** All settings. */
    static Map<String, String> settings(SparkConf conf) {
        return Arrays.stream(conf.getAll()).collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
    }

    /** Runs a worker as N tasks of one barrier stage, the rank being the partition. */
    static List<String> runBarrier(JavaSparkContext spark, int workers, Worker worker) {
        List<Integer> ranks = IntStream.range(0, workers).boxed().toList();
        return spark.parallelize(ranks, workers)
                .rdd()
                .barrier()
                .mapPartitions(new Task(worker), false, ClassTag$.MODULE$.<String>apply(String.class))
                .toJavaRDD()
                .collect();
    }

    private static final class Task extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private final Worker worker;

        Task(Worker worker) {
            this.worker = worker;
        }

        @Override
        public Iterator<String> apply(Iterator<Integer> rank) {
            try {
                return CollectionConverters.asScala(List.of(worker.run()).iterator());
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

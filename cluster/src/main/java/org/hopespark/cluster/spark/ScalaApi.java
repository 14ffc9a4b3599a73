package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.util.SignalUtils;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.immutable.Map$;
import scala.collection.mutable.Buffer;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.xml.Node;
import scala.xml.Unparsed;

/**
 * What Spark offers to Scala only. Scala types appear here and, as the return type that Spark asks for, in
 * {@link RunPage}.
 */
@SuppressWarnings("deprecation") // JavaConverters: all that Scala 2.12 and 2.13 both have
final class ScalaApi {
    private ScalaApi() {}

    /** All settings. */
    static Map<String, String> settings(SparkConf conf) {
        return Arrays.stream(conf.getAll()).collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
    }

    /** The web interface, unless it is switched off. */
    static Optional<SparkUI> ui(SparkContext spark) {
        return spark.ui().isDefined() ? Optional.of(spark.ui().get()) : Optional.empty();
    }

    /** HTML as Spark's pages take it, but for the type of {@code Seq}, which is not the same in Scala 2.12 and 2.13. */
    static Buffer<Node> nodes(String html) {
        return JavaConverters.asScalaBuffer(List.of(new Unparsed(html)));
    }

    static <T> Option<T> nothing() {
        return Option.empty();
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

    /**
     * Runs an action when the process gets SIGTERM. The process ends as it would without, but only when the action is
     * done; a second SIGTERM ends it at once.
     */
    static void onTermination(Runnable action) {
        onSignal("TERM", () -> {
            action.run();
            return false;
        });
    }

    /**
     * Runs an action when the process gets a signal.
     *
     * @param action whether it has dealt with the signal, so that the process does not end by it
     */
    static void onSignal(String name, BooleanSupplier action) {
        SignalUtils.register(name, new AbstractFunction0<Object>() {
            @Override
            public Object apply() {
                return action.getAsBoolean();
            }
        });
    }

    /** Whether Spark was told that an executor will be taken away. */
    static boolean isDecommissioned(JavaSparkContext spark, String executor) {
        return spark.sc().taskScheduler().getExecutorDecommissionState(executor).isDefined();
    }

    /** Ends executors, and asks for as many others. */
    static void replace(JavaSparkContext spark, List<String> executors, int total) {
        spark.sc().killExecutors(JavaConverters.asScalaBuffer(executors).toSeq());
        spark.sc().requestTotalExecutors(total, 0, Map$.MODULE$.<String, Object>empty());
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
                return JavaConverters.asScalaIterator(List.of(worker.run()).iterator());
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

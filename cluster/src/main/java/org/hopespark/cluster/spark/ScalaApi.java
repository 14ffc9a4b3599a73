package org.hopespark.cluster.spark;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/** What Spark offers to Scala only. Scala types appear here and nowhere else. */
final class ScalaApi {
    private ScalaApi() {}

    /** All settings. */
    static Map<String, String> settings(SparkConf conf) {
        return Arrays.stream(conf.getAll()).collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
    }
}

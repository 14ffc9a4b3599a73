package org.hopespark.cluster.spark;

import java.lang.reflect.Constructor;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkUserAppException;

/**
 * How a driver ends with an exit code that its cluster manager hears of. YARN takes any {@link System#exit} of an
 * application master for one that has "exited early", whatever the code; a client that says nothing is a success.
 */
public final class DriverExit {
    private DriverExit() {}

    /**
     * What spark-submit, and YARN's application master, end with the code for, which YARN then has in its diagnostics.
     *
     * @return never: the process ends here where nobody would catch it
     */
    public static SparkUserAppException with(int exitCode) {
        if (!new SparkConf().contains("spark.master")) {
            // started without spark-submit
            System.exit(exitCode);
        }
        // Spark 4.1 has added a cause to its only constructor
        Constructor<?> constructor = SparkUserAppException.class.getConstructors()[0];
        try {
            return (SparkUserAppException)
                    (constructor.getParameterCount() == 1
                            ? constructor.newInstance(exitCode)
                            : constructor.newInstance(exitCode, null));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

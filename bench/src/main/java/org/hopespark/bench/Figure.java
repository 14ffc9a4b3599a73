package org.hopespark.bench;

import java.util.Locale;

/**
 * One number.
 *
 * @param name what was measured
 * @param value how much
 * @param unit of what
 * @param goal what it should be at least; 0 where there is no goal
 */
record Figure(String name, double value, String unit, double goal) {
    static final String MB_PER_SECOND = "MB/s";

    /** A figure that has no goal. */
    Figure(String name, double value, String unit) {
        this(name, value, unit, 0);
    }

    static String header() {
        return "| what | value | unit | goal | |\n|---|---|---|---|---|";
    }

    /** A row of a table in Markdown. */
    String line() {
        String wanted =
                goal == 0 ? "" : String.format(Locale.ROOT, "%.4g", goal).replaceAll("\\.?0+$", "");
        return String.format(Locale.ROOT, "| %s | %s | %s | %s | %s |", name, digits(), unit, wanted, verdict());
    }

    private String digits() {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    private String verdict() {
        return goal == 0 ? "" : value >= goal ? "reached" : "not reached";
    }
}

package org.hopespark.jobs.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units as people write them: {@code 80GB}, {@code 25GB/s}, {@code 100B}. */
public final class Quantity {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?|\\.\\d+)\\s*([A-Za-z/]*)");

    private static final Map<String, Double> BYTES = units(
            "B", 1, "kB", 1e3, "MB", 1e6, "GB", 1e9, "TB", 1e12, "KiB", 0x1p10, "MiB", 0x1p20, "GiB", 0x1p30, "TiB",
            0x1p40);

    private static final Map<String, Double> BYTES_A_SECOND =
            units("MB/s", 1e6, "GB/s", 1e9, "TB/s", 1e12, "Mbit/s", 1e6 / 8, "Gbit/s", 1e9 / 8);

    private static final Map<String, Double> COUNTS = units("", 1, "K", 1e3, "M", 1e6, "B", 1e9, "T", 1e12);

    private Quantity() {}

    /** Such as {@code 80GB}; a number alone is refused, because it could be anything. */
    public static double bytes(String option, String text) {
        return parse(option, text, BYTES, "80GB");
    }

    /** Such as {@code 25GB/s} or {@code 200Gbit/s}. */
    public static double bytesPerSecond(String option, String text) {
        return parse(option, text, BYTES_A_SECOND, "25GB/s");
    }

    /** Such as {@code 524288} or {@code 100B}, where B is a billion. */
    public static double count(String option, String text) {
        return parse(option, text, COUNTS, "100B");
    }

    private static double parse(String option, String text, Map<String, Double> units, String example) {
        Matcher matcher = FORM.matcher(text.trim());
        String wanted = ": give a number and a unit, such as " + example + " (units: "
                + String.join(", ", units.keySet()).replaceFirst("^, ", "none, ") + ")";
        if (!matcher.matches()) {
            throw new IllegalArgumentException(option + " '" + text + "' is no quantity" + wanted);
        }
        Double factor = units.get(matcher.group(2));
        if (factor == null) {
            String problem =
                    matcher.group(2).isEmpty() ? "' has no unit" : "' has the unknown unit '" + matcher.group(2) + "'";
            throw new IllegalArgumentException(option + " '" + text + problem + wanted);
        }
        double value = Double.parseDouble(matcher.group(1)) * factor;
        if (!(value > 0)) {
            throw new IllegalArgumentException(option + " must be > 0, got '" + text + "'");
        }
        return value;
    }

    private static Map<String, Double> units(Object... namesAndFactors) {
        Map<String, Double> units = new LinkedHashMap<>();
        for (int i = 0; i < namesAndFactors.length; i += 2) {
            units.put((String) namesAndFactors[i], ((Number) namesAndFactors[i + 1]).doubleValue());
        }
        return units;
    }
}

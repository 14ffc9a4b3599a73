package org.hopespark.jobs.progress;

import java.util.Locale;

/** Numbers as people read them. */
public final class Units {
    private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB", "PB"};

    private Units() {}

    /** Powers of 1000, three digits. */
    public static String bytes(double bytes) {
        double scaled = bytes;
        int unit = 0;
        while (Math.abs(scaled) >= 999.5 && unit < BYTES.length - 1) {
            scaled /= 1000;
            unit++;
        }
        return digits(scaled) + " " + BYTES[unit];
    }

    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    public static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : Double.toString(value);
    }

    /** Three significant digits, whole if large, without zeros at the end; from ten million on with an exponent. */
    public static String digits(double value) {
        double size = Math.abs(value);
        if (Double.isFinite(value) && ((size > 0 && size < 0.001) || size >= 1e7)) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        if (!Double.isFinite(value) || size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        String text = String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
        return text.replaceAll("\\.?0+$", "");
    }

    public static String percent(double share) {
        return digits(share * 100) + " %";
    }

    /** The two largest units that matter. */
    public static String duration(double seconds) {
        if (seconds < 60) {
            return digits(seconds) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < 3600) {
            return whole / 60 + " min " + whole % 60 + " s";
        }
        long minutes = Math.round(seconds / 60);
        if (minutes < 24 * 60) {
            return minutes / 60 + " h " + minutes % 60 + " min";
        }
        long hours = Math.round(seconds / 3600);
        return hours / 24 + " d " + hours % 24 + " h";
    }
}

package org.hopespark.bench;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.UserException;

/**
 * What lies between two workers, as it is written: {@code loopback}, {@code plain} or {@code 1gbit/20ms}.
 *
 * @param name as written
 * @param bitsPerSecond in each direction of each worker; 0 for as much as the machine moves
 * @param delayMillis from one worker to another
 */
record Link(String name, long bitsPerSecond, int delayMillis) {
    /** The workers' own machine, without any network. */
    static final Link LOOPBACK = new Link("loopback", 0, 0);

    private static final Pattern SHAPED = Pattern.compile("([1-9]\\d{0,4})(mbit|gbit)/(\\d{1,3})ms");
    private static final Map<String, Long> UNITS = Map.of("mbit", 1_000_000L, "gbit", 1_000_000_000L);

    static Link parse(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (name.equals(LOOPBACK.name)) {
            return LOOPBACK;
        }
        if (name.equals("plain")) {
            return new Link(name, 0, 0);
        }
        Matcher shaped = SHAPED.matcher(name);
        if (!shaped.matches()) {
            throw new UserException(
                    "--links takes loopback, plain and links such as 1gbit/20ms or 100mbit/0ms, got " + text);
        }
        long unit = UNITS.getOrDefault(shaped.group(2), 0L);
        return new Link(name, Long.parseLong(shaped.group(1)) * unit, Integer.parseInt(shaped.group(3)));
    }
}

package org.hopespark.data.filter;

import java.util.List;

/**
 * Replaces IPv4 addresses that are reachable from everywhere, by the registry of IANA (RFC 6890), as Python's
 * {@code ipaddress.is_global} reads it; and IPv6 addresses of the global range 2000::/3.
 *
 * <p>An address stands alone: what is part of a longer number, name or version, such as 1.2.3.4.5 or v1.2.3.4, stays,
 * though datatrove replaces it.
 */
final class IpAddresses {
    /** Those of datatrove, which answered no ping when its list was made. */
    private static final List<String> SILENT = List.of(
            "22.214.171.124", "126.96.36.199", "188.8.131.52", "184.108.40.206", "220.127.116.11", "18.104.22.168");

    /** Of the range for documentation (RFC 3849). */
    private static final List<String> DOCUMENTATION = List.of("2001:db8::1");

    /** Address and bits of the ranges that are not global. */
    private static final long[][] LOCAL = {
        {0x00000000L, 8}, // this network
        {0x0A000000L, 8}, // private
        {0x64400000L, 10}, // shared by providers
        {0x7F000000L, 8}, // loopback
        {0xA9FE0000L, 16}, // link-local
        {0xAC100000L, 12}, // private
        {0xC0000000L, 24}, // IETF protocols
        {0xC0000200L, 24}, // documentation
        {0xC0A80000L, 16}, // private
        {0xC6120000L, 15}, // benchmarks
        {0xC6336400L, 24}, // documentation
        {0xCB007100L, 24}, // documentation
        {0xF0000000L, 4} // reserved, broadcast
    };

    /** The longest spelling of an IPv6 address: 8 groups of 4, and colons. */
    private static final int MOST_CHARACTERS = 39;

    private IpAddresses() {}

    static String replaced(String text) {
        return version6(version4(text));
    }

    private static String version4(String text) {
        Replacements replacements = new Replacements(text, SILENT);
        for (int point = text.indexOf('.'); point >= 0; point = text.indexOf('.', point + 1)) {
            int start = point;
            while (start > replacements.end() && point - start < 4 && isDigit(text, start - 1)) {
                start--;
            }
            int end = start < point && isFree(text, start) ? addressEnd(text, start) : -1;
            if (end > 0) {
                replacements.add(start, end);
                point = end - 1;
            }
        }
        return replacements.result();
    }

    /** Where the global address that begins there ends; -1 if there is none. */
    private static int addressEnd(String text, int start) {
        long address = 0;
        int i = start;
        for (int octet = 0; octet < 4; octet++) {
            if (octet > 0 && (i >= text.length() || text.charAt(i++) != '.')) {
                return -1;
            }
            int first = i;
            int value = 0;
            while (i - first < 4 && isDigit(text, i)) {
                value = 10 * value + text.charAt(i++) - '0';
            }
            if (i == first || value > 255 || (i - first > 1 && text.charAt(first) == '0')) {
                return -1;
            }
            address = address << 8 | value;
        }
        return isFollowed(text, i) || !isGlobal(address) ? -1 : i;
    }

    static boolean isGlobal(long address) {
        for (long[] range : LOCAL) {
            if ((address ^ range[0]) >>> (32 - range[1]) == 0) {
                return false;
            }
        }
        return true;
    }

    private static String version6(String text) {
        Replacements replacements = new Replacements(text, DOCUMENTATION);
        for (int colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
            int start = colon - 4;
            if (start < replacements.end() || text.indexOf(':', start) < colon || !isFree(text, start)) {
                continue;
            }
            int end = start;
            while (end < text.length() && end - start <= MOST_CHARACTERS && isHexOrColon(text.charAt(end))) {
                end++;
            }
            if (end > colon && text.charAt(end - 1) == ':' && text.charAt(end - 2) != ':') {
                end--; // it ends what was said before
            }
            boolean goesOn = end + 1 < text.length() && text.charAt(end) == ':' && isHexOrColon(text.charAt(end + 1));
            boolean fits = end > colon && end - start <= MOST_CHARACTERS && !goesOn;
            if (fits && !isFollowed(text, end) && isGlobal6(text.substring(start, end))) {
                replacements.add(start, end);
                colon = end - 1;
            }
        }
        return replacements.result();
    }

    private static boolean isGlobal6(String address) {
        int gap = address.indexOf("::");
        if (gap >= 0 && address.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        int groups = 0;
        for (String group : address.split(":", -1)) {
            groups += group.isEmpty() ? 0 : 1;
            if (group.length() > 4) {
                return false;
            }
        }
        if (gap >= 0 ? groups >= 8 : groups != 8) {
            return false;
        }
        int first = Integer.parseInt(address.substring(0, 4), 16);
        int end = address.indexOf(':', 5);
        int second = end == 5 || address.length() == 5
                ? 0
                : Integer.parseInt(address.substring(5, end < 0 ? address.length() : end), 16);
        boolean special =
                first == 0x2002 || first == 0x3FFF || (first == 0x2001 && (second < 0x200 || second == 0xDB8));
        return first >>> 13 == 1 && !special;
    }

    private static boolean isHexOrColon(char c) {
        return c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean isDigit(String text, int at) {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    /** Whether nothing before belongs to what begins there. */
    private static boolean isFree(String text, int start) {
        if (start == 0) {
            return true;
        }
        char before = text.charAt(start - 1);
        return !Character.isLetterOrDigit(before)
                && !(before == ':' && start > 1 && isHexOrColon(text.charAt(start - 2)))
                && before != '_'
                && !(before == '.' && start > 1 && Character.isLetterOrDigit(text.charAt(start - 2)));
    }

    /** Whether something follows that belongs to what ends there. */
    private static boolean isFollowed(String text, int end) {
        return end < text.length()
                && (Character.isLetterOrDigit(text.charAt(end))
                        || text.charAt(end) == '_'
                        || (text.charAt(end) == '.' && isDigit(text, end + 1)));
    }
}

package org.hopespark.data.source;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.hopespark.conf.UserException;

/**
 * A pattern of names with slashes: {@code *} within a part, {@code **} across parts, {@code ?}, {@code [a-z]},
 * {@code {a,b}}, and a backslash before what is meant as it is. Names are any text, which a file system's paths are
 * not.
 */
public final class Glob {
    private final Pattern pattern;

    /** @throws UserException if it is no pattern */
    public Glob(String glob) {
        StringBuilder regex = new StringBuilder();
        int open = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (c == '*' && glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else if (c == '{') {
                open++;
                regex.append("(?:");
            } else if (c == '}' && open > 0) {
                open--;
                regex.append(')');
            } else if (c == ',' && open > 0) {
                regex.append('|');
            } else if (c == '[') {
                int end = glob.indexOf(']', i + 2);
                if (end < 0) {
                    throw new UserException("not a pattern: '" + glob + "' has a [ without its ]");
                }
                String set = glob.substring(i + 1, end).replaceAll("[\\\\\\[&^]", "\\\\$0");
                regex.append("(?!/)[")
                        .append(set.startsWith("!") ? "^" + set.substring(1) : set)
                        .append(']');
                i = end;
            } else {
                i += c == '\\' && i + 1 < glob.length() ? 1 : 0;
                regex.append(Pattern.quote(glob.substring(i, i + 1)));
            }
        }
        try {
            pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new UserException("not a pattern: '" + glob + "' (" + e.getDescription() + ")", e);
        }
    }

    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }
}

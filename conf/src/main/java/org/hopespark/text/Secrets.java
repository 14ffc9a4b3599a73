package org.hopespark.text;

import java.util.regex.Pattern;

/**
 * Hides what gives access: passwords in URIs, values of settings whose name says that they are secret, signatures of
 * presigned links. Whatever is printed, logged, stored or shown passes {@link #hidden}.
 */
public final class Secrets {
    /** What stands in place of a secret. */
    public static final String HIDDEN = "***";

    /** {@code ftp://user:} and the password up to the last {@code @} before the path. */
    private static final String PASSWORD_IN_URI = "(://[^\\s/?#:@\"'<>]*:)[^\\s/?#\"'<>]+@";

    private static final String SECRET_NAME =
            "secret|password|passwd|token|credential|access[.]?key|account[.]?key|[.]sas[.]";

    /**
     * For {@code spark.redaction.regex}: names of settings whose values Spark's pages and event logs hide, and values
     * that they hide whatever their name, such as the command line.
     */
    public static final String OF_SPARK = "(?i)" + SECRET_NAME + "|" + PASSWORD_IN_URI;

    private static final Pattern URI = Pattern.compile(PASSWORD_IN_URI);
    private static final Pattern SETTING = Pattern.compile(
            "\\b((?:spark|hadoop|fs|dfs|javax?)[.][\\w.-]{0,200}(?:" + SECRET_NAME
                    + ")[\\w.-]{0,200}\"?\\s*[=:]\\s*\"?)[^\\s\"',;]+",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SIGNATURE = Pattern.compile(
            "([?&](?:sig|signature|key|token|access_token|password|secret|x-(?:amz|goog)-(?:signature|credential|security-token))=)"
                    + "[^\\s&\"'<>]+",
            Pattern.CASE_INSENSITIVE);

    private Secrets() {}

    /** The text without its secrets. */
    public static String hidden(String text) {
        if (text.indexOf('=') < 0 && text.indexOf(':') < 0) {
            return text;
        }
        String result = URI.matcher(text).replaceAll("$1" + HIDDEN + "@");
        result = SETTING.matcher(result).replaceAll("$1" + HIDDEN);
        return SIGNATURE.matcher(result).replaceAll("$1" + HIDDEN);
    }

    /** Whether something was hidden in a text. */
    public static boolean isHidden(String text) {
        return text.contains(":" + HIDDEN + "@");
    }
}

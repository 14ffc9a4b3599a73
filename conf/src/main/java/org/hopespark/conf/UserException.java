package org.hopespark.conf;

import java.util.List;
import org.hopespark.text.Secrets;

/** What the user can put right: a setting, a file, a size. The message says what was found, where, and what to do. */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserException(String message) {
        super(Secrets.hidden(message));
    }

    public UserException(String message, Throwable cause) {
        super(Secrets.hidden(message), cause);
    }

    /** All problems of one source at once, one a line. */
    public static UserException of(String source, List<String> problems) {
        return new UserException(source + ": " + problems.size() + (problems.size() == 1 ? " problem" : " problems")
                + problems.stream().map(p -> "\n  - " + p).reduce("", String::concat));
    }
}

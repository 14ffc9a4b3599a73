package org.hopespark.conf;

import java.util.ArrayList;
import java.util.List;

/** What must hold of the values of a record, gathered: three wrong settings are three problems in one message. */
public final class Checks {
    private final List<String> problems = new ArrayList<>();

    /**
     * One thing that must hold.
     *
     * @param holds whether it does; evaluated whatever failed before
     * @param problem what to say if it does not: the setting, the rule, the value
     */
    public void that(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    /**
     * All have been looked at.
     *
     * @throws IllegalArgumentException with every problem, if there are any
     */
    public void done() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }
}

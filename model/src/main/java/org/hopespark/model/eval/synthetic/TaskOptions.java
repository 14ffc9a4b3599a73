package org.hopespark.model.eval.synthetic;

import java.util.Map;
import java.util.TreeMap;
import org.hopespark.conf.UserException;

/** The settings in a task's name, {@code base@key=value,key=value}, or {@code base@16} for a length. */
final class TaskOptions {
    private final String name;
    private final Map<String, String> values = new TreeMap<>();

    TaskOptions(String name) {
        this.name = name;
        int at = name.indexOf('@');
        String[] settings = at < 0 ? new String[0] : name.substring(at + 1).split(",", -1);
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            values.put(equals < 0 ? "length" : setting.substring(0, equals), setting.substring(equals + 1));
        }
    }

    String name() {
        return name;
    }

    String base() {
        return name.contains("@") ? name.substring(0, name.indexOf('@')) : name;
    }

    int whole(String key, int otherwise) {
        double value = number(key, otherwise);
        if (value < 1 || value != Math.rint(value) || value > Integer.MAX_VALUE) {
            throw new UserException("the task " + name + " needs a whole number >= 1 for " + key);
        }
        return (int) value;
    }

    double number(String key, double otherwise) {
        String value = values.remove(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new UserException("the task " + name + " needs a number for " + key + ", got '" + value + "'", e);
        }
    }

    /** Refuses what nobody has asked for. */
    void finish() {
        if (!values.isEmpty()) {
            throw new UserException("the task " + base() + " has no setting " + String.join(", ", values.keySet()));
        }
    }
}

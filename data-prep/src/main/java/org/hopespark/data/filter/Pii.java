package org.hopespark.data.filter;

import org.hopespark.conf.PiiConfig;
import org.hopespark.data.source.Document;

/** Replaces addresses; see {@link PiiConfig}. Replacements come in turn, from the first one again in each document. */
record Pii(PiiConfig config) implements Stage {

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        String text = document.text();
        String changed = config.emails() ? Emails.replaced(text) : text;
        changed = config.ipAddresses() ? IpAddresses.replaced(changed) : changed;
        return new Keep(changed.equals(text) ? document : document.withText(changed));
    }
}

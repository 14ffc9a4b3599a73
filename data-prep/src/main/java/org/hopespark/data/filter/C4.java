package org.hopespark.data.filter;

import org.hopespark.conf.C4Config;
import org.hopespark.data.source.Document;

/** The rules of C4; see {@link C4Config}. */
record C4(C4Config config) implements Stage {

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        C4Text text = new C4Text(config, document.text());
        int phrases = text.takeLines();
        if ((phrases & C4Text.LOREM_IPSUM) != 0) {
            return new Remove("c4: lorem ipsum");
        } else if ((phrases & C4Text.CURLY_BRACKET) != 0) {
            return new Remove("c4: curly bracket");
        } else if (text.sentences() < config.leastSentences()) {
            return new Remove("c4: too few sentences", text.sentences() + ", at least " + config.leastSentences());
        }
        String kept = text.kept();
        if (kept.isEmpty()) {
            return new Remove("c4: nothing left");
        }
        return new Keep(kept.equals(document.text()) ? document : document.withText(kept));
    }
}

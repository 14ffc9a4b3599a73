package org.hopespark.data.filter;

import org.hopespark.data.source.Document;

/** Removes documents that share words in a row with an evaluation; see {@code DecontaminateConfig}. */
record Decontaminate(DecontaminationIndex index) implements Stage {

    /** What decides is in the files, so the name has the digest of the index. */
    @Override
    public String name() {
        return "decontaminate{ngram-words=" + index.ngramWords() + ", tasks=" + index.tasks() + ", sha256="
                + index.sha256() + "}";
    }

    @Override
    public Outcome apply(Document document) {
        NormalNgrams ngrams = new NormalNgrams(document.text(), index.ngramWords());
        while (ngrams.next()) {
            int task = index.find(ngrams.hash());
            if (task >= 0) {
                return new Remove("decontaminate: " + index.tasks().get(task), ngrams.text());
            }
        }
        return new Keep(document);
    }
}

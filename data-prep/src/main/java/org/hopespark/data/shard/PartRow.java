package org.hopespark.data.shard;

/** What a part of a file consists of for {@code prepare}: documents, and rows that are none. */
public sealed interface PartRow permits TokenizedDocument, BadRow {

    /** What orders it among all, as bytes compared unsigned; begins with its partition. */
    byte[] order();

    /** Everything but {@link #order}, which travels beside it. */
    byte[] toBytes(IdType type);
}

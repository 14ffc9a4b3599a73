package org.hopespark.data.shard;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** The columns of a shard. */
final class ShardSchema {
    static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message packed_tokens {
              required int64 row;
              required binary tokens;
              required binary starts;
              required binary ends;
              required int32 n_real;
              required int64 first_doc;
            }
            """);

    static final int ROW_GROUP_ROWS = 512;

    private ShardSchema() {}

    /** How a shard's columns hold their numbers. */
    record Types(int sequenceTokens, IdType tokens, IdType offsets) {
        static Types of(Packing packing, int vocabularySize) {
            return new Types(
                    packing.sequenceTokens(),
                    IdType.ofTokens(vocabularySize),
                    IdType.ofOffsets(packing.sequenceTokens()));
        }
    }
}

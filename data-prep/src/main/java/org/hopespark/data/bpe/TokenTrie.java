package org.hopespark.data.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds which of some tokens a text spells at a place. */
final class TokenTrie {
    private final List<int[]> children = new ArrayList<>();
    private final List<Integer> ids = new ArrayList<>();

    TokenTrie(List<Token> tokens) {
        addNode();
        for (Token token : tokens) {
            int node = 0;
            for (byte b : token.bytes()) {
                int[] below = children.get(node);
                if (below[b & 0xFF] == 0) {
                    below[b & 0xFF] = addNode();
                }
                node = below[b & 0xFF];
            }
            ids.set(node, token.id());
        }
    }

    private int addNode() {
        children.add(new int[256]);
        ids.add(-1);
        return children.size() - 1;
    }

    boolean isEmpty() {
        return children.size() == 1;
    }

    /** The length of the longest token at a place; 0 if there is none. */
    int longestAt(byte[] utf8, int begin) {
        int node = 0;
        int length = 0;
        for (int at = begin; at < utf8.length; at++) {
            node = children.get(node)[utf8[at] & 0xFF];
            if (node == 0) {
                break;
            }
            if (ids.get(node) >= 0) {
                length = at + 1 - begin;
            }
        }
        return length;
    }

    /** The id of the token that these bytes are. */
    int idOf(byte[] utf8, int begin, int length) {
        int node = 0;
        for (byte b : Arrays.copyOfRange(utf8, begin, begin + length)) {
            node = children.get(node)[b & 0xFF];
        }
        return ids.get(node);
    }
}

package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A finite group; elements are numbers from 0, the identity, on. Permutations are in lexicographic order, and the
 * product (p q)(i) = p(q(i)).
 */
final class Group {
    private static final int LETTERS = 5;
    private static final int CYCLIC_ORDER = 60;

    private final int[][] products;

    private Group(int[][] products) {
        this.products = products;
    }

    /** All permutations of five letters; its word problem is complete for NC1. */
    static Group s5() {
        return of(permutations());
    }

    /** The even permutations of five letters, likewise. */
    static Group a5() {
        return of(permutations().stream().filter(Group::isEven).toList());
    }

    /** The numbers modulo 60 under addition; as many as A5 has. */
    static Group z60() {
        int[][] products = new int[CYCLIC_ORDER][CYCLIC_ORDER];
        for (int a = 0; a < CYCLIC_ORDER; a++) {
            for (int b = 0; b < CYCLIC_ORDER; b++) {
                products[a][b] = (a + b) % CYCLIC_ORDER;
            }
        }
        return new Group(products);
    }

    int order() {
        return products.length;
    }

    int product(int a, int b) {
        return products[a][b];
    }

    private static Group of(List<int[]> permutations) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int[] permutation : permutations) {
            numbers.put(Arrays.toString(permutation), numbers.size());
        }
        int[][] products = new int[permutations.size()][permutations.size()];
        for (int a = 0; a < products.length; a++) {
            for (int b = 0; b < products.length; b++) {
                int[] p = permutations.get(a);
                int[] product =
                        Arrays.stream(permutations.get(b)).map(i -> p[i]).toArray();
                products[a][b] = numbers.getOrDefault(Arrays.toString(product), -1);
            }
        }
        return new Group(products);
    }

    private static List<int[]> permutations() {
        List<int[]> result = new ArrayList<>();
        extend(new int[LETTERS], 0, result);
        return result;
    }

    private static void extend(int[] prefix, int length, List<int[]> result) {
        if (length == LETTERS) {
            result.add(prefix.clone());
            return;
        }
        for (int letter = 0; letter < LETTERS; letter++) {
            int next = letter;
            if (Arrays.stream(prefix, 0, length).noneMatch(used -> used == next)) {
                prefix[length] = letter;
                extend(prefix, length + 1, result);
            }
        }
    }

    private static boolean isEven(int[] permutation) {
        int inversions = 0;
        for (int i = 0; i < permutation.length; i++) {
            for (int j = i + 1; j < permutation.length; j++) {
                inversions += permutation[i] > permutation[j] ? 1 : 0;
            }
        }
        return inversions % 2 == 0;
    }
}

package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/** Random elements of a group; the label at each is the product of all up to it (Merrill et al. 2024). */
record WordProblem(Group group, int length) implements Generator {
    int vocabulary() {
        return 2 * group.order();
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] inputs = new long[length];
        long[] targets = new long[length];
        int product = 0;
        for (int t = 0; t < length; t++) {
            int element = random.nextInt(group.order());
            product = group.product(product, element);
            inputs[t] = element;
            targets[t] = (long) group.order() + product;
        }
        return Generator.example(inputs, targets);
    }
}

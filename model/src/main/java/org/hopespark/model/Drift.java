package org.hopespark.model;

/** How far a vector has moved, judged by a sample of its values. */
final class Drift {
    /** Values that are compared, at most. */
    private static final int SAMPLE = 1 << 16;

    private final FlatTensor vector;
    private double[] start;

    /** Drift from the vector as it is now, in host memory. */
    Drift(FlatTensor vector) {
        this.vector = vector;
        start = sample();
    }

    /** Counts from the vector as it is now. */
    void reset() {
        vector.pull();
        start = sample();
    }

    /** Distance from the start, relative to the norm there. */
    double value() {
        vector.pull();
        double[] now = sample();
        double moved = 0;
        double size = 0;
        for (int i = 0; i < now.length; i++) {
            moved += (now[i] - start[i]) * (now[i] - start[i]);
            size += start[i] * start[i];
        }
        return Math.sqrt(moved / size);
    }

    /** Every n-th value, padding included. */
    private double[] sample() {
        FlatBuffer values = vector.buffer();
        long stride = (values.elements() + SAMPLE - 1) / SAMPLE;
        double[] sample = new double[(int) ((values.elements() + stride - 1) / stride)];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = values.get(i * stride);
        }
        return sample;
    }
}

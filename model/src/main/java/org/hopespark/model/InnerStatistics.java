package org.hopespark.model;

/**
 * How the memories of one block learn inside a sequence; means over its tokens, heads and memories.
 *
 * @param alpha retention
 * @param eta inner learning rate
 * @param errorNorm norm of the error that a write corrects, after the cap at 1
 * @param cappedShare share of the errors that the cap has cut
 * @param stateNorm norm of the memories at the end of the sequence, relative to that at its start
 * @param stateDrift distance of the memories at the end of the sequence from their start, relative to the norm there
 */
public record InnerStatistics(
        double alpha, double eta, double errorNorm, double cappedShare, double stateNorm, double stateDrift) {
    static InnerStatistics of(double[] values) {
        return new InnerStatistics(values[0], values[1], values[2], values[3], values[4], values[5]);
    }
}

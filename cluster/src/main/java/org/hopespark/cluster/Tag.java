package org.hopespark.cluster;

/**
 * What a message is part of. Operation, phase and offset say which local call it belongs to; step and level must then
 * agree, or the workers are not in the same place.
 *
 * @param operation counts a worker's collective calls; equal on all workers, because all issue the same calls
 * @param step global step; 0 while the workers find out whether they are at the same one
 * @param level index of the level; 0 where no level is meant
 * @param phase part of the operation
 * @param offset first element of the payload in the whole vector
 */
public record Tag(long operation, long step, int level, Phase phase, long offset) {
    @Override
    public String toString() {
        return "operation " + operation + (step > 0 ? ", step " + step : "") + (level > 0 ? ", level " + level : "")
                + ", " + phase + " at element " + offset;
    }
}

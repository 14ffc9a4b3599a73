package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.jobs.run.RunEvent.LevelDone;
import org.hopespark.jobs.run.RunEvent.LevelFacts;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.model.Cost;
import org.hopespark.model.ElementType;

/**
 * What the exchange of one level has cost. A reduce-scatter and an all-gather of P numbers of b bytes among N workers
 * send 2 (N - 1) / N * b * P bytes a worker, so a level with period C costs 1 / C of that a step, and nothing before
 * the first window that is not dropped; one that is optimized at every step costs that at every step.
 *
 * @param level the level
 * @param boundaries how often it was exchanged
 * @param bytesSent by all workers together
 * @param bytesByFormula what the formula says for as many steps
 * @param bytesOfFullSync what exchanging it in float32 at every step would have sent
 * @param meanMilliseconds of an exchange, NaN if there was none
 * @param lastGradientNorm NaN if there was none
 * @param cumulative bytes sent up to and including each step
 */
record LevelTraffic(
        LevelFacts level,
        long boundaries,
        long bytesSent,
        double bytesByFormula,
        double bytesOfFullSync,
        double meanMilliseconds,
        double lastGradientNorm,
        List<Double> cumulative) {
    static LevelTraffic of(LevelFacts level, List<StepDone> steps) {
        List<Double> cumulative = new ArrayList<>();
        long boundaries = 0;
        long bytesSent = 0;
        double bytesByFormula = 0;
        double bytesOfFullSync = 0;
        double milliseconds = 0;
        double gradientNorm = Double.NaN;
        for (StepDone step : steps) {
            bytesOfFullSync += Cost.bytesOfSum(level.parameters(), ElementType.FLOAT32.bytes(), step.workers());
            if (step.step() >= level.firstStep()) {
                bytesByFormula += Cost.bytesOfSum(level.parameters(), level.bytesANumberAndStep(), step.workers());
            }
            for (LevelDone boundary : step.levels()) {
                if (boundary.level() == level.level()) {
                    boundaries++;
                    bytesSent += boundary.bytesSent();
                    milliseconds += boundary.milliseconds();
                    gradientNorm = boundary.gradientNorm();
                }
            }
            cumulative.add((double) bytesSent);
        }
        return new LevelTraffic(
                level,
                boundaries,
                bytesSent,
                bytesByFormula,
                bytesOfFullSync,
                milliseconds / boundaries,
                gradientNorm,
                cumulative);
    }

    /** By all workers together: N times a worker's 2 (N - 1) / N * b * P. */
    static double bytesAtOneBoundary(LevelFacts level, int workers) {
        return Cost.bytesOfSum(level.parameters(), level.bytesANumber(), workers);
    }
}

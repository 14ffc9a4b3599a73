package org.hopespark.model;

import java.util.Set;
import java.util.function.Function;
import org.hopespark.conf.OptimizerConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;

/** A parameter with whatever its optimizer remembers of it, in plain Java. */
@FunctionalInterface
interface OptimizerRule {
    /** Those that leave nothing to AdamW. */
    Set<OptimizerConfig.Name> OF_ALL = Set.of(OptimizerConfig.Name.SGD, OptimizerConfig.Name.PRECONDITIONED_MOMENTUM);

    /**
     * Moves a parameter.
     *
     * @param rate learning rate of the level
     * @param decay weight decay, per unit of learning rate
     */
    void update(double[] parameter, double[] gradient, double rate, double decay);

    /** Compares what it remembers with the slots of the network after the same update. */
    default void compare(Function<String, double[]> slots) {}

    /** That of a parameter. */
    static OptimizerRule of(RunConfig config, ParameterSpec spec) {
        OptimizerConfig optimizer =
                config.levels().get(spec.level().index() - 1).optimizer();
        TrainingConfig training = config.training();
        double momentum = optimizer.momentum();
        boolean isMatrix = spec.decays() && !spec.name().equals("embedding");
        if (!isMatrix && !OF_ALL.contains(optimizer.name())) {
            return adamw(spec, training, optimizer.adamwLearningRateFactor());
        }
        return switch (optimizer.name()) {
            case ADAMW -> adamw(spec, training, 1);
            case SGD -> sgd(spec, momentum);
            case MUON -> muon(spec, momentum);
            case SOAP -> new SoapRule(spec, optimizer, training);
            case M3 -> m3(spec, optimizer, training);
            case PRECONDITIONED_MOMENTUM -> preconditioned(momentum, new Preconditioner(spec, training));
            case DELTA_MOMENTUM -> delta(spec, momentum, new Preconditioner(spec, training));
            case DEEP_MOMENTUM -> new DeepMomentumRule(spec, momentum);
        };
    }

    private static OptimizerRule sgd(ParameterSpec spec, double momentum) {
        double[] m = new double[(int) spec.elements()];
        return (parameter, gradient, rate, decay) -> {
            for (int i = 0; i < parameter.length; i++) {
                m[i] = momentum * m[i] + gradient[i];
                parameter[i] -= rate * (m[i] + decay * parameter[i]);
            }
        };
    }

    private static OptimizerRule adamw(ParameterSpec spec, TrainingConfig training, double factor) {
        double[] first = new double[(int) spec.elements()];
        double[] second = new double[(int) spec.elements()];
        int[] count = {0};
        return (parameter, gradient, rate, decay) -> {
            count[0]++;
            for (int i = 0; i < parameter.length; i++) {
                first[i] = training.beta1() * first[i] + (1 - training.beta1()) * gradient[i];
                second[i] = training.beta2() * second[i] + (1 - training.beta2()) * gradient[i] * gradient[i];
                double mean = first[i] / (1 - Math.pow(training.beta1(), count[0]));
                double square = second[i] / (1 - Math.pow(training.beta2(), count[0]));
                parameter[i] -=
                        factor * rate * (mean / (Math.sqrt(square) + training.epsilon()) + decay * parameter[i]);
            }
        };
    }

    private static OptimizerRule muon(ParameterSpec spec, double momentum) {
        double[] m = new double[(int) spec.elements()];
        int rows = spec.shape().get(0).intValue();
        int columns = spec.shape().get(1).intValue();
        return (parameter, gradient, rate, decay) -> {
            double[] ahead = new double[parameter.length];
            for (int i = 0; i < parameter.length; i++) {
                m[i] = momentum * m[i] + (1 - momentum) * gradient[i];
                ahead[i] = (1 - momentum) * gradient[i] + momentum * m[i];
            }
            double[][] update = orthogonal(Plain.matrix(ahead, 0, rows, columns));
            double scale = Math.sqrt(Math.max(1.0, (double) columns / rows));
            for (int i = 0; i < parameter.length; i++) {
                parameter[i] -= rate * (scale * update[i / columns][i % columns] + decay * parameter[i]);
            }
        };
    }

    /** With the gradients of f updates in a sum of their own. */
    private static OptimizerRule m3(ParameterSpec spec, OptimizerConfig config, TrainingConfig training) {
        int size = (int) spec.elements();
        int rows = spec.shape().get(0).intValue();
        int columns = spec.shape().get(1).intValue();
        double[] fast = new double[size];
        double[] second = new double[size];
        double[] sum = new double[size];
        double[] slow = new double[size];
        int[] count = {0};
        return (parameter, gradient, rate, decay) -> {
            count[0]++;
            for (int i = 0; i < size; i++) {
                fast[i] = config.momentum() * fast[i] + (1 - config.momentum()) * gradient[i];
                second[i] = training.beta2() * second[i] + (1 - training.beta2()) * gradient[i] * gradient[i];
            }
            double[][] first = orthogonal(Plain.matrix(fast, 0, rows, columns));
            double[][] other = orthogonal(Plain.matrix(slow, 0, rows, columns));
            double[] update = new double[size];
            for (int i = 0; i < size; i++) {
                double both = first[i / columns][i % columns] + config.slowFactor() * other[i / columns][i % columns];
                double square = second[i] / (1 - Math.pow(training.beta2(), count[0]));
                update[i] = both / (Math.sqrt(square) + training.epsilon());
            }
            double scale = 0.2 / Math.sqrt(Plain.dot(update, update) / size);
            for (int i = 0; i < size; i++) {
                parameter[i] -= rate * (scale * update[i] + decay * parameter[i]);
                sum[i] += gradient[i];
            }
            if (count[0] % config.refreshEveryUpdates() == 0) {
                for (int i = 0; i < size; i++) {
                    slow[i] = config.slowMomentum() * slow[i]
                            + (1 - config.slowMomentum()) * sum[i] / config.refreshEveryUpdates();
                    sum[i] = 0;
                }
            }
        };
    }

    private static OptimizerRule preconditioned(double momentum, Preconditioner preconditioner) {
        double[] m = preconditioner.second.clone();
        return (parameter, gradient, rate, decay) -> {
            double[] written = preconditioner.apply(gradient);
            for (int i = 0; i < m.length; i++) {
                m[i] = momentum * m[i] + (1 - momentum) * written[i];
                parameter[i] -= rate * (m[i] + decay * parameter[i]);
            }
        };
    }

    /** In the paper's orientation, in which a gradient is [outputs, inputs]. */
    private static OptimizerRule delta(ParameterSpec spec, double momentum, Preconditioner preconditioner) {
        int inputs = spec.shape().get(0).intValue();
        int outputs = spec.shape().get(1).intValue();
        double[][][] m = {new double[outputs][inputs]};
        return (parameter, gradient, rate, decay) -> {
            double[][] g = Plain.transposed(Plain.matrix(gradient, 0, inputs, outputs));
            double[][] written = Plain.transposed(Plain.matrix(preconditioner.apply(gradient), 0, inputs, outputs));
            double square = Plain.dot(gradient, gradient);
            double[][] kept = Plain.product(Plain.transposed(g), g);
            for (int i = 0; i < inputs; i++) {
                for (int j = 0; j < inputs; j++) {
                    kept[i][j] = (i == j ? momentum : 0) - kept[i][j] / square;
                }
            }
            m[0] = Plain.product(m[0], kept);
            for (int j = 0; j < outputs; j++) {
                for (int i = 0; i < inputs; i++) {
                    m[0][j][i] += (1 - momentum) * written[j][i];
                    parameter[i * outputs + j] -= rate * (m[0][j][i] + decay * parameter[i * outputs + j]);
                }
            }
        };
    }

    /** Gradients over the root of their second moment. */
    final class Preconditioner {
        private final TrainingConfig training;
        private final double[] second;
        private int count;

        Preconditioner(ParameterSpec spec, TrainingConfig training) {
            this.training = training;
            second = new double[(int) spec.elements()];
        }

        double[] apply(double[] gradient) {
            count++;
            double[] result = new double[gradient.length];
            for (int i = 0; i < gradient.length; i++) {
                second[i] = training.beta2() * second[i] + (1 - training.beta2()) * gradient[i] * gradient[i];
                double square = second[i] / (1 - Math.pow(training.beta2(), count));
                result[i] = gradient[i] / (Math.sqrt(square) + training.epsilon());
            }
            return result;
        }
    }

    /** Five steps of X = a X + b (X X') X + c (X X')^2 X, on rows or columns alike. */
    private static double[][] orthogonal(double[][] g) {
        double norm = 0;
        for (double[] row : g) {
            for (double value : row) {
                norm += value * value;
            }
        }
        double[][] x = Plain.copy(g);
        for (double[] row : x) {
            for (int j = 0; j < row.length; j++) {
                row[j] /= Math.sqrt(norm) + 1e-7;
            }
        }
        for (int step = 0; step < 5; step++) {
            double[][] square = Plain.product(x, Plain.transposed(x));
            double[][] once = Plain.product(square, x);
            double[][] twice = Plain.product(square, once);
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < x[i].length; j++) {
                    x[i][j] = 3.4445 * x[i][j] - 4.7750 * once[i][j] + 2.0315 * twice[i][j];
                }
            }
        }
        return x;
    }
}

package org.hopespark.model.eval.continual;

final class ElasticWeights {}

package org.hopespark.data.filter;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;
import org.jspecify.annotations.Nullable;

/**
 * Tells the language of a text by the model of Apache OpenNLP, which knows 103 languages by their n-grams of characters
 * and comes in the jar.
 *
 * <p>Its probabilities depend on the length of the text; which of the best two languages it is does so less. So that is
 * the score.
 */
final class LanguageDetection implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    static final String MODEL = "langdetect-183";

    /** Characters of each of three samples: of the beginning, the middle and the end of a longer text. */
    private static final int SAMPLE = 200;

    /** @param score the probability of this language if it is one of the two most probable ones */
    record Language(String code, double score) {}

    private transient @Nullable LanguageDetectorME detector;

    /** One text at a time: the detector is not made for several threads. */
    synchronized Language of(String text) {
        LanguageDetectorME ready = detector;
        if (ready == null) {
            ready = new LanguageDetectorME(model());
            detector = ready;
        }
        opennlp.tools.langdetect.Language[] best = ready.predictLanguages(sampled(text));
        double first = best[0].getConfidence();
        double both = first + best[1].getConfidence();
        return new Language(best[0].getLang(), both == 0 ? 0 : first / both);
    }

    static String sampled(String text) {
        int length = text.length();
        if (length <= 3 * SAMPLE) {
            return text;
        }
        int middle = (length - SAMPLE) / 2;
        return text.substring(0, SAMPLE) + " " + text.substring(middle, middle + SAMPLE) + " "
                + text.substring(length - SAMPLE);
    }

    private static LanguageDetectorModel model() {
        try (@Nullable InputStream in = LanguageDetection.class.getResourceAsStream("/" + MODEL + ".bin")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks the language model " + MODEL);
            }
            return new LanguageDetectorModel(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

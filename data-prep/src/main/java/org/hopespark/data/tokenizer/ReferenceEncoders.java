package org.hopespark.data.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.function.Function;
import org.hopespark.data.io.Storage;

/** Other programs that make the same ids, to measure and to check {@link Tokenizers} against. */
public final class ReferenceEncoders {
    private ReferenceEncoders() {}

    /** jtokkit's {@code gpt2}, in the Unicode of this Java. */
    public static Function<String, int[]> jtokkitGpt2() {
        return jtokkit(EncodingType.R50K_BASE);
    }

    /** jtokkit's {@code cl100k}, in the Unicode of this Java. */
    public static Function<String, int[]> jtokkitCl100k() {
        return jtokkit(EncodingType.CL100K_BASE);
    }

    private static Function<String, int[]> jtokkit(EncodingType type) {
        Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(type);
        return text -> encoding.encodeOrdinary(text).toArray();
    }

    /** A {@code tokenizer.json} encoded by the Hugging Face library, whatever is in it. */
    public static Tokenizer huggingFace(String place, Storage storage) {
        return HuggingFaceTokenizer.read(place, "", storage);
    }
}

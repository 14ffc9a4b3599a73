package org.hopespark.data.filter;

import java.text.Normalizer;
import org.hopespark.conf.NormaliseConfig;
import org.hopespark.conf.NormaliseConfig.Form;
import org.hopespark.data.source.Document;

/** One spelling for the same text; see {@link NormaliseConfig}. */
record Normalise(NormaliseConfig config) implements Stage {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    /** No text of smaller characters is changed by NFC. */
    private static final char FIRST_THAT_COMPOSES = 0x300;

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        String text = document.text();
        String normal = cleaned(inForm(text));
        if (normal.isEmpty()) {
            return new Remove("normalise: nothing left");
        }
        return new Keep(normal.equals(text) ? document : document.withText(normal));
    }

    private String inForm(String text) {
        Form form = config.form();
        return form == Form.AS_IS || (form == Form.NFC && isPlain(text))
                ? text
                : Normalization.of(text, Normalizer.Form.valueOf(form.name()));
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= FIRST_THAT_COMPOSES) {
                return false;
            }
        }
        return true;
    }

    private String cleaned(String text) {
        int length = text.length();
        char[] out = new char[length];
        int size = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (config.lineEnds() && isLineEnd(c)) {
                i += c == '\r' && i + 1 < length && text.charAt(i + 1) == '\n' ? 1 : 0;
                c = '\n';
            } else if (config.controlCharacters() && isControl(c)) {
                continue;
            }
            if (c == '\n' && config.trailingBlanks()) {
                size = withoutTrailingBlanks(out, size);
            }
            out[size++] = c;
        }
        return new String(out, 0, config.trailingBlanks() ? withoutTrailingBlanks(out, size) : size);
    }

    private static boolean isLineEnd(char c) {
        return (c >= 0x0B && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    private static boolean isControl(char c) {
        return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == BYTE_ORDER_MARK;
    }

    private static int withoutTrailingBlanks(char[] out, int size) {
        int end = size;
        while (end > 0 && out[end - 1] != '\n' && Chars.isBlank(out[end - 1])) {
            end--;
        }
        return end;
    }
}

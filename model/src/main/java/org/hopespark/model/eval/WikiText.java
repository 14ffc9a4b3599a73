package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.hopespark.conf.UserException;

/**
 * WikiText-2 (Merity et al. 2016), test part, by whole articles: the detokenised article is scored, the words and bytes
 * of the article as published are counted.
 */
final class WikiText implements Task {
    private static final List<UnaryOperator<String>> DETOKENISE = List.of(
            literal("s '", "s'"),
            // The reference writes a pattern here where it means text; kept, so that scores agree.
            pattern("/' [0-9]/", "/'[0-9]/"),
            literal(" @-@ ", "-"),
            literal(" @,@ ", ","),
            literal(" @.@ ", "."),
            literal(" : ", ": "),
            literal(" ; ", "; "),
            literal(" . ", ". "),
            literal(" ! ", "! "),
            literal(" ? ", "? "),
            literal(" , ", ", "),
            closeUp("\\(", "\\)"),
            closeUp("\\[", "\\]"),
            closeUp("\\{", "\\}"),
            closeUp("\"", "\""),
            closeUp("'", "'"),
            literal("= = = =", "===="),
            literal("= = =", "==="),
            literal("= =", "=="),
            literal(" \u00b0 ", "\u00b0"),
            literal(" \n", "\n"),
            literal("\n ", "\n"),
            literal(" N ", " 1 "),
            literal(" 's", "'s"));

    @Override
    public String name() {
        return "wikitext";
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public List<NeededFile> files() {
        return NeededFile.only("wiki.test.raw", "wikitext2_test_pages.jsonl", "wikitext2_test_pages.jsonl.gz");
    }

    @Override
    public int documents() {
        return 62;
    }

    @Override
    public OutputType outputType() {
        return OutputType.LOGLIKELIHOOD_ROLLING;
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
        List<String> pages = pages(files.only(), limit);
        List<String> scored = pages.stream().map(WikiText::detokenise).toList();
        List<Likelihood> answers = model.documents(scored);
        double logLikelihood = 0;
        long words = 0;
        long bytes = 0;
        for (int i = 0; i < pages.size(); i++) {
            double own = answers.get(i).logLikelihood();
            long ownWords = PythonText.words(pages.get(i));
            long ownBytes = pages.get(i).getBytes(StandardCharsets.UTF_8).length;
            log.add(new LoggedSample(
                    JsonNodeFactory.instance.objectNode().put("page", pages.get(i)),
                    scored.get(i),
                    List.of(LoggedSample.Exchange.of(scored.get(i), own)),
                    Map.of(
                            "word_perplexity", LoggedSample.score(own, ownWords),
                            "byte_perplexity", LoggedSample.score(own, ownBytes),
                            "bits_per_byte", LoggedSample.score(own, ownBytes))));
            logLikelihood += own;
            words += ownWords;
            bytes += ownBytes;
        }
        return List.of(
                Measurement.plain("word_perplexity", Math.exp(-logLikelihood / words), pages.size()),
                Measurement.plain("byte_perplexity", Math.exp(-logLikelihood / bytes), pages.size()),
                Measurement.plain("bits_per_byte", -logLikelihood / (bytes * Math.log(2)), pages.size()));
    }

    /** The articles of the raw file, or of a file with one {@code {"page": ...}} a line. */
    static List<String> pages(TaskFile file, int limit) {
        if (!file.path().toString().endsWith(".raw")) {
            return file.jsonLines(limit, (line, place) -> {
                if (!line.path("page").isTextual()) {
                    throw new UserException(place + ": \"page\" must be a text, found "
                            + PythonText.shorten(line.path("page").toString()) + "; mend or remove the line");
                }
                return line.path("page").textValue();
            });
        }
        List<String> pages = split(file.text());
        if (pages.isEmpty()) {
            throw new UserException(file.path() + " has no article (a line like \" = Title = \" and text below)");
        }
        return limit == 0 ? pages : pages.subList(0, Math.min(limit, pages.size()));
    }

    /** An article begins at each heading of the first order. */
    static List<String> split(String text) {
        List<String> pages = new ArrayList<>();
        List<String> page = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (isTitle(line)) {
                add(page, pages);
            }
            page.add(line);
        }
        add(page, pages);
        return pages;
    }

    private static void add(List<String> lines, List<String> pages) {
        String page = String.join("\n", lines);
        if (!PythonText.strip(page).isEmpty()) {
            pages.add(page);
        }
        lines.clear();
    }

    private static boolean isTitle(String line) {
        String joined = PythonText.strip(line.replace("= = =", "===").replace("= =", "=="));
        return joined.startsWith("= ") && joined.endsWith(" =");
    }

    static String detokenise(String page) {
        String text = page;
        for (UnaryOperator<String> rule : DETOKENISE) {
            text = rule.apply(text);
        }
        return text;
    }

    private static UnaryOperator<String> literal(String from, String to) {
        return text -> text.replace(from, to);
    }

    private static UnaryOperator<String> pattern(String from, String to) {
        Pattern compiled = Pattern.compile(from);
        return text -> compiled.matcher(text).replaceAll(to);
    }

    /** Takes white space away inside a pair of brackets or quotes. */
    private static UnaryOperator<String> closeUp(String open, String close) {
        String space = PythonText.SPACE + "*";
        return pattern(open + space + "([^" + close + "]*?)" + space + close, open + "$1" + close);
    }
}
